package assembly_test

import (
	"slices"
	"strconv"
	"testing"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

const (
	bakeryName = "Bäckerei Jörg"
	cyclist    = "Mill Lane Cycles"
)

func TestABusinessShowsItsProfileAndOthersHaveNone(t *testing.T) {
	r := start(t)
	c := r.link()
	profile, err := c.GetBusinessProfile(t.Context(), r.jid(bakeryName))
	if err != nil {
		t.Fatal(err)
	}
	if profile.Email != "hello@baeckerei-joerg.example" || len(profile.Categories) != 2 || profile.Categories[1].Name != "Café" {
		t.Errorf("the profile is %+v", profile)
	}
	if profile.BusinessHoursTimeZone != "Europe/Berlin" || profile.BusinessHours[0].OpenTime != "360" {
		t.Errorf("the hours are %+v", profile.BusinessHours)
	}
	if profile, err := c.GetBusinessProfile(t.Context(), r.jid(bob)); err == nil {
		t.Errorf("somebody without a business has a profile: %+v", profile)
	}
}

// catalog asks as Baileys does; whatsmeow has no call for it.
func (c *companion) catalog(jid types.JID, limit int, after string) binary.Node {
	c.t.Helper()
	asked := []binary.Node{{Tag: "limit", Content: []byte(strconv.Itoa(limit))}}
	if after != "" {
		asked = append(asked, binary.Node{Tag: "after", Content: []byte(after)})
	}
	//nolint:staticcheck // whatsmeow has no call for catalogs
	answer, err := c.DangerousInternals().SendIQ(c.t.Context(), whatsmeow.DangerousInfoQuery{
		Namespace: "w:biz:catalog", Type: "get", To: types.ServerJID,
		Content: []binary.Node{{Tag: "product_catalog", Attrs: binary.Attrs{"jid": jid, "allow_shop_source": "true"}, Content: asked}},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return answer.GetChildByTag("product_catalog")
}

func TestACatalogComesInPagesAndEndsWithoutACursor(t *testing.T) {
	r := start(t)
	c := r.link()
	var ids []string
	after := ""
	for pages := 1; ; pages++ {
		catalog := c.catalog(r.jid(bakeryName), 20, after)
		for _, product := range catalog.GetChildrenByTag("product") {
			ids = append(ids, string(leaf(product, "id")))
		}
		paging := catalog.GetChildByTag("paging")
		if after = string(leaf(paging, "after")); after == "" {
			break
		}
		if pages > 9 {
			t.Fatal("the catalog has no end")
		}
	}
	if len(ids) != 23 || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 23 {
		t.Errorf("the pages hold %v", ids)
	}
	if catalog := c.catalog(r.jid(cyclist), 20, ""); len(catalog.GetChildren()) != 0 {
		t.Errorf("a business without products shows %v", catalog)
	}
}

func leaf(node binary.Node, tag string) []byte {
	content, _ := node.GetChildByTag(tag).Content.([]byte)
	return content
}
