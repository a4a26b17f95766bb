"""Businesses, by the scenario's own catalog."""

from __future__ import annotations

import pytest

from caller import Caller
from cli.emulated import World
from errors import Code
from tools.results import BusinessProfile, Catalog, Product, ProductDetails

pytestmark = pytest.mark.asyncio(loop_scope="session")

BAKERY, CYCLES = "Bäckerei Jörg", "Mill Lane Cycles"


async def test_a_profile_says_what_the_business_says_of_itself(caller: Caller, world: World) -> None:
    bakery = world.contact(BAKERY)
    for named in (bakery.pn, "+" + bakery.pn.split("@")[0], bakery.lid, BAKERY):
        told = await caller.ask(BusinessProfile, "get_business_profile", jid=named)
        assert (told.jid, told.served_by) == (bakery.pn, None)
        assert told.description == "Bread, rolls and cake from Mill Lane"
        assert told.websites == ["https://baeckerei-joerg.example", "https://orders.baeckerei-joerg.example"]
        assert told.email == "hello@baeckerei-joerg.example"


async def test_a_catalog_comes_page_by_page_each_product_once(caller: Caller, world: World) -> None:
    bakery = world.contact(BAKERY)
    products: list[Product] = []
    cursor: dict[str, str] = {}
    while True:
        page = await caller.ask(Catalog, "get_business_catalog", jid=bakery.pn, limit=10, **cursor)
        products += page.products
        if page.next_cursor is None:
            break
        cursor = {"cursor": page.next_cursor}
    assert len({product.id for product in products}) == len(products) == 23
    rye = products[0]
    assert (rye.name, rye.price, rye.currency) == ("Rye bread, 1 kg", "5.20", "EUR")
    assert len(rye.image_urls or []) == 2


async def test_one_product_is_found_wherever_it_stands_in_the_catalog(caller: Caller) -> None:
    told = await caller.ask(ProductDetails, "get_product_details", jid=BAKERY, product_id="7304561290000022")
    assert told.product.name == "Day-old bag"


async def test_who_sells_nothing_is_refused_with_its_code(caller: Caller, world: World) -> None:
    friend = world.contact("Priya Raman")
    assert (await caller.refused("get_business_profile", jid=friend.pn))[0] is Code.NOT_BUSINESS_ACCOUNT
    assert (await caller.refused("get_business_catalog", jid=friend.pn))[0] is Code.NOT_BUSINESS_ACCOUNT
    assert (await caller.refused("get_business_catalog", jid=CYCLES))[0] is Code.NO_CATALOG_FOUND
    code, envelope = await caller.refused("get_product_details", jid=BAKERY, product_id="7304561290009999")
    assert code is Code.PRODUCT_NOT_FOUND
    assert "get_business_catalog" in str(envelope["resolution"])
