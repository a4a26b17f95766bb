package server

import (
	"context"
	"strings"

	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/emulator/world"
)

// usync answers questions about people: their devices, LID, about text, picture, business name, whether a number is on
// WhatsApp. Nobody knows a person who is not in the world: such a user has no devices and no LID.
func (s *Server) usync(_ context.Context, q *query) ([]binary.Node, *refused) {
	if q.child.Tag != "usync" {
		return nil, badRequest
	}
	asked := q.child.GetChildByTag("query")
	list := q.child.GetChildByTag("list")
	users := make([]binary.Node, 0, len(list.GetChildren()))
	answered := make([]binary.Node, 0, len(asked.GetChildren()))
	for _, protocol := range asked.GetChildren() {
		answered = append(answered, binary.Node{Tag: protocol.Tag})
	}
	for _, user := range list.GetChildren() {
		users = append(users, s.user(user, asked.GetChildren()))
	}
	return []binary.Node{{Tag: "usync", Attrs: q.child.Attrs, Content: []binary.Node{
		{Tag: "result", Content: answered},
		{Tag: "list", Content: users},
	}}}, nil
}

// person is somebody a client asks about.
type person struct {
	jid   types.JID
	phone string
	known bool
	pn    types.JID
	lid   types.JID
	// contact is empty for the account itself.
	contact world.Contact
	about   string
	picture *world.Picture
}

func (s *Server) user(asked binary.Node, protocols []binary.Node) binary.Node {
	p := s.person(asked)
	node := binary.Node{Tag: "user", Attrs: binary.Attrs{}}
	if !p.jid.IsEmpty() {
		node.Attrs["jid"] = p.jid
	}
	var children []binary.Node
	for _, protocol := range protocols {
		switch protocol.Tag {
		case "devices":
			children = append(children, s.devices(p))
		case "lid":
			if p.known && p.jid.Server == types.DefaultUserServer {
				children = append(children, binary.Node{Tag: "lid", Attrs: binary.Attrs{"val": p.lid}})
			}
		case "contact":
			if p.known && attr(protocol, "addressing_mode") == "lid" {
				// whatsmeow asks for LIDs; Baileys takes the jid for what it asked.
				node.Attrs["jid"], node.Attrs["pn_jid"] = p.lid, p.pn
			}
			children = append(children, contact(p))
		case "status":
			children = append(children, s.status(p)...)
		case "picture":
			if p.picture != nil && !p.contact.Hides.Picture {
				children = append(children, binary.Node{Tag: "picture", Attrs: binary.Attrs{"id": p.picture.ID}})
			}
		case "business":
			if p.contact.Business == nil {
				break
			}
			if name, ok := s.verifiedName(p.contact.Name); ok {
				children = append(children, binary.Node{Tag: "business", Content: []binary.Node{name}})
			}
		}
	}
	node.Content = children
	return node
}

// person finds who is meant by a JID, or by a phone number inside <contact>.
func (s *Server) person(asked binary.Node) person {
	p := person{jid: jidAttr(asked, "jid")}
	if number, ok := asked.GetOptionalChildByTag("contact"); ok && p.jid.IsEmpty() {
		p.phone = string(content(number))
		digits := strings.TrimPrefix(p.phone, "+")
		// whatsmeow writes the number as a JID on c.us.
		digits, _, _ = strings.Cut(digits, "@")
		p.jid = types.NewJID(digits, types.DefaultUserServer)
	}
	p.jid.Device = 0
	p.lid, p.known = s.world.LID(p.jid)
	if !p.known {
		return p
	}
	p.pn, _ = s.world.PN(p.jid)
	if c, ok := s.world.Contact(p.jid); ok {
		p.contact, p.about, p.picture = c, c.About, c.Picture
	} else {
		p.about, p.picture = s.About(), s.OwnPicture()
	}
	return p
}

// status is the about text. Of one that is hidden Baileys knows the answer: code 401 and no text.
func (s *Server) status(p person) []binary.Node {
	switch {
	case !p.known:
		return nil
	case p.contact.Hides.About:
		return []binary.Node{{Tag: "status", Attrs: binary.Attrs{"code": notAuthorized.code}}}
	}
	return []binary.Node{{Tag: "status", Attrs: binary.Attrs{"t": s.now().Unix()}, Content: []byte(p.about)}}
}

func (s *Server) devices(p person) binary.Node {
	var devices []binary.Node
	switch {
	case s.world.IsMe(p.jid):
		for _, jid := range s.ownDevices(p.jid) {
			devices = append(devices, device(jid.Device))
		}
	case p.known:
		devices = append(devices, device(0))
	}
	return binary.Node{Tag: "devices", Content: []binary.Node{{Tag: "device-list", Content: devices}}}
}

func device(id uint16) binary.Node {
	attrs := binary.Attrs{"id": int(id)}
	if id > 0 {
		attrs["key-index"] = int(id)
	}
	return binary.Node{Tag: "device", Attrs: attrs}
}

func contact(p person) binary.Node {
	kind := "out"
	if p.known {
		kind = "in"
	}
	node := binary.Node{Tag: "contact", Attrs: binary.Attrs{"type": kind}}
	if p.phone != "" {
		node.Content = []byte(p.phone)
	}
	return node
}
