package server

import (
	"cmp"
	"context"
	"encoding/base64"
	"slices"
	"strconv"

	"go.mau.fi/whatsmeow/binary"

	"whatsapp-mcp/emulator/world"
)

// catalogPage is how many products are given out at once, however many are asked for.
const catalogPage = 10

// business is the profile of a business account; other accounts have none.
func (s *Server) business(_ context.Context, q *query) ([]binary.Node, *refused) {
	if q.set || q.child.Tag != "business_profile" {
		return nil, notImplemented
	}
	var profiles []binary.Node
	for _, asked := range q.child.GetChildrenByTag("profile") {
		jid := jidAttr(asked, "jid")
		if contact, known := s.world.Contact(jid); known && contact.Business != nil {
			profiles = append(profiles, binary.Node{
				Tag: "profile", Attrs: binary.Attrs{"jid": jid}, Content: profileNodes(contact.Business),
			})
		}
	}
	return []binary.Node{{Tag: "business_profile", Content: profiles}}, nil
}

func profileNodes(b *world.Business) []binary.Node {
	nodes := leaves("address", b.Address)
	nodes = append(nodes, leaves("description", b.Description)...)
	nodes = append(nodes, leaves("website", b.Websites...)...)
	nodes = append(nodes, leaves("email", b.Email)...)
	categories := leaves("category", b.Categories...)
	for i := range categories {
		categories[i].Attrs = binary.Attrs{"id": strconv.Itoa(i + 1)}
	}
	nodes = append(nodes, binary.Node{Tag: "categories", Content: categories})
	if len(b.Hours) == 0 {
		return nodes
	}
	var days []binary.Node
	for _, day := range b.Hours {
		attrs := binary.Attrs{"day_of_week": day.Day, "mode": day.Mode}
		if day.Mode == "specific_hours" {
			attrs["open_time"], attrs["close_time"] = day.Opens, day.Closes
		}
		days = append(days, binary.Node{Tag: "business_hours_config", Attrs: attrs})
	}
	return append(nodes, binary.Node{Tag: "business_hours", Attrs: binary.Attrs{"timezone": b.Timezone}, Content: days})
}

// catalog gives a page of what a business sells. A business without a catalog has an empty one; somebody who is no
// business has none.
func (s *Server) catalog(_ context.Context, q *query) ([]binary.Node, *refused) {
	if q.set || q.child.Tag != "product_catalog" {
		return nil, notImplemented
	}
	contact, known := s.world.Contact(jidAttr(q.child, "jid"))
	if !known || contact.Business == nil {
		return nil, itemNotFound
	}
	products := contact.Business.Catalog
	limit, err := strconv.Atoi(text(q.child, "limit"))
	if err != nil || limit < 1 {
		return nil, badRequest
	}
	from := 0
	if after := text(q.child, "after"); after != "" {
		from = slices.IndexFunc(products, func(p world.Product) bool { return cursorBehind(p) == after }) + 1
		if from == 0 {
			return nil, badRequest
		}
	}
	until := min(from+min(limit, catalogPage), len(products))
	var nodes []binary.Node
	for _, product := range products[from:until] {
		nodes = append(nodes, productNode(product))
	}
	if until < len(products) {
		nodes = append(nodes, binary.Node{Tag: "paging", Content: leaves("after", cursorBehind(products[until-1]))})
	}
	return []binary.Node{{Tag: "product_catalog", Content: nodes}}, nil
}

// cursorBehind has the letters that WhatsApp's cursors have, which a query of HTTP does not carry as they are.
func cursorBehind(product world.Product) string {
	return base64.StdEncoding.EncodeToString([]byte("after?" + product.ID + "~"))
}

func productNode(p world.Product) binary.Node {
	nodes := leaves("id", p.ID)
	for _, leaf := range [][2]string{
		{"name", p.Name},
		{"description", p.Description},
		{"currency", p.Currency},
		{"availability", cmp.Or(p.Availability, "in stock")},
		{"url", p.URL},
		{"retailer_id", p.RetailerID},
	} {
		nodes = append(nodes, leaves(leaf[0], leaf[1])...)
	}
	if p.Price > 0 {
		nodes = append(nodes, leaves("price", strconv.Itoa(p.Price))...)
	}
	var images []binary.Node
	for i, url := range p.Images {
		image := leaves("id", strconv.Itoa(i+1))
		image = append(image, leaves("request_image_url", url+"?width=100")...)
		image = append(image, leaves("original_image_url", url)...)
		images = append(images, binary.Node{Tag: "image", Content: image})
	}
	nodes = append(nodes, binary.Node{Tag: "media", Content: images})
	nodes = append(nodes, binary.Node{Tag: "status_info", Content: leaves("status", "APPROVED")})
	return binary.Node{Tag: "product", Attrs: binary.Attrs{"is_hidden": "false"}, Content: nodes}
}

// leaves are nodes with nothing but a text; there is none for an empty one.
func leaves(tag string, texts ...string) []binary.Node {
	var nodes []binary.Node
	for _, text := range texts {
		if text != "" {
			nodes = append(nodes, binary.Node{Tag: tag, Content: []byte(text)})
		}
	}
	return nodes
}

func text(node binary.Node, tag string) string {
	return string(content(node.GetChildByTag(tag)))
}
