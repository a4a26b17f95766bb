package server

import (
	"context"

	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// query is an <iq> of a companion.
type query struct {
	conn      *conn
	companion *Companion
	node      *binary.Node
	// set tells a change (type=set) from a question (type=get).
	set bool
	// child is the first one, which names what is asked in most namespaces.
	child binary.Node
	// after runs when the answer is on its way.
	after func()
}

// refused is the <error> of an answer.
type refused struct {
	code int
	text string
}

// The refusals that WhatsApp's server uses.
var (
	badRequest     = &refused{400, "bad-request"}
	notAuthorized  = &refused{401, "not-authorized"}
	itemNotFound   = &refused{404, "item-not-found"}
	internalError  = &refused{500, "internal-server-error"}
	notImplemented = &refused{501, "feature-not-implemented"}
)

// handler answers a query with the children of the result, or refuses it.
type handler func(context.Context, *query) ([]binary.Node, *refused)

// table is every namespace that is answered. What is not in it is refused, and said so in the log.
func (s *Server) table() map[string]handler {
	return map[string]handler{
		"encrypt":                 s.encrypt,
		"usync":                   s.usync,
		"passive":                 s.passive,
		"md":                      s.removeCompanion,
		"w:p":                     empty,
		"w:stats":                 empty,
		"urn:xmpp:whatsapp:dirty": empty,
		"urn:xmpp:whatsapp:push":  empty,
		"abt":                     s.props,
		"privacy":                 s.privacy,
		"blocklist":               s.blocklist,
		"disappearing_mode":       empty,
		"status":                  s.about,
		"w:profile:picture":       s.picture,
		"w:m":                     s.mediaConn,
		"w:biz":                   s.business,
		"w:biz:catalog":           s.catalog,
		"w:mex":                   s.mex,
		"newsletter":              s.newsletter,
		"w:g2":                    s.groups,
		"w:sync:app:state":        s.appState,
	}
}

// empty is the answer to what is only taken note of.
func empty(context.Context, *query) ([]binary.Node, *refused) {
	return nil, nil
}

// handle takes one stanza. Nothing in it may wait, because the next stanza waits for it.
func (s *Server) handle(ctx context.Context, c *conn, node *binary.Node) {
	if c.companion == nil {
		s.handleUnlinked(c, node)
		return
	}
	switch node.Tag {
	case "iq":
		s.handleQuery(ctx, c, node)
	case "message":
		s.handleMessage(ctx, c, node)
	case "receipt":
		s.handleReceipt(ctx, c, node)
	case "ack":
		s.handleAck(c, node)
	case "presence", "chatstate", "ib":
		c.log.Debug("taken note of", "stanza", node.Tag)
	case "stream:error", "xmlstreamend":
		c.log.Warn("the client ends the stream", "stanza", node)
	default:
		c.log.Warn("a stanza that is not known", "stanza", node)
	}
}

// handleUnlinked takes what a client may say before it has an account.
func (s *Server) handleUnlinked(c *conn, node *binary.Node) {
	kind := attr(*node, "type")
	switch {
	case node.Tag == "iq" && kind == "result" && firstChild(node).Tag == "pair-device-sign":
		s.paired(c)
	case node.Tag == "iq" && kind == "error":
		c.log.Warn("a client refused to be linked", "stanza", node)
	case node.Tag == "iq" && kind == "get" && attr(*node, "xmlns") == "w:p":
		c.out.put(result(node, nil))
	case node.Tag == "iq" && kind == "set" && firstChild(node).Tag == linkCodeTag:
		s.linkCode(c, node)
	case node.Tag == "iq" && kind == "result", node.Tag == "ib", node.Tag == "ack", node.Tag == "presence":
	case node.Tag == "iq":
		c.log.Warn("a query before linking", "stanza", node)
		c.out.put(refusal(node, notAuthorized))
	default:
		c.log.Warn("a stanza before linking", "stanza", node)
	}
}

func (s *Server) handleQuery(ctx context.Context, c *conn, node *binary.Node) {
	kind := attr(*node, "type")
	if kind == "result" || kind == "error" {
		return
	}
	answer, known := s.routes[attr(*node, "xmlns")]
	if !known {
		c.log.Warn("refused a query of an unknown namespace", "xmlns", attr(*node, "xmlns"), "stanza", node)
		c.out.put(refusal(node, notImplemented))
		return
	}
	q := &query{conn: c, companion: c.companion, node: node, set: kind == "set", child: firstChild(node)}
	children, refusedWith := answer(ctx, q)
	if refusedWith != nil {
		c.log.Warn("refused a query", "code", refusedWith.code, "stanza", node)
		c.out.put(refusal(node, refusedWith))
		return
	}
	c.out.put(result(node, children))
	if q.after != nil {
		q.after()
	}
}

func result(request *binary.Node, children []binary.Node) binary.Node {
	node := binary.Node{Tag: "iq", Attrs: binary.Attrs{"from": sender(request), "type": "result", "id": attr(*request, "id")}}
	if len(children) > 0 {
		node.Content = children
	}
	return node
}

func refusal(request *binary.Node, why *refused) binary.Node {
	return binary.Node{
		Tag:     "iq",
		Attrs:   binary.Attrs{"from": sender(request), "type": "error", "id": attr(*request, "id")},
		Content: []binary.Node{{Tag: "error", Attrs: binary.Attrs{"code": why.code, "text": why.text}}},
	}
}

// sender is who an answer comes from: whoever was asked, a group or the server.
func sender(request *binary.Node) types.JID {
	if to := jidAttr(*request, "to"); !to.IsEmpty() {
		return to
	}
	return types.ServerJID
}
