package server

import (
	"context"

	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/emulator/signal"
)

// encrypt is the namespace of pre-keys: how many are left, upload, rotation, and the keys of others.
func (s *Server) encrypt(ctx context.Context, q *query) ([]binary.Node, *refused) {
	switch {
	case q.child.Tag == "count":
		return []binary.Node{{Tag: "count", Attrs: binary.Attrs{"value": q.companion.keysLeft()}}}, nil
	case q.child.Tag == "digest":
		return s.digest(q)
	case q.child.Tag == "rotate":
		signed, err := signal.ParseSignedPreKey(q.child.GetChildByTag("skey"))
		if err != nil {
			q.conn.log.Warn("a signed pre-key", "error", err)
			return nil, badRequest
		}
		q.companion.rotate(signed)
		return nil, nil
	case q.child.Tag == "key" && !q.set:
		return s.bundles(ctx, q)
	case q.set:
		return s.upload(q)
	default:
		return nil, notImplemented
	}
}

func (s *Server) upload(q *query) ([]binary.Node, *refused) {
	bundle, err := signal.ParseBundle(*q.node)
	if err == nil {
		err = bundle.Verify()
	}
	if err != nil {
		q.conn.log.Warn("an upload of pre-keys", "error", err)
		return nil, badRequest
	}
	list := q.node.GetChildByTag("list")
	keys := make([]signal.PreKey, 0, len(list.GetChildren()))
	for _, child := range list.GetChildren() {
		key, err := signal.ParsePreKey(child)
		if err != nil {
			q.conn.log.Warn("a one-time pre-key", "error", err)
			return nil, badRequest
		}
		keys = append(keys, key)
	}
	first := !q.companion.HasKeys()
	q.companion.upload(bundle, keys)
	if first {
		q.after = s.tellDevices
	}
	return nil, nil
}

// digest is what a client checks its upload by. Baileys uploads again when there is none; it does not look inside.
func (s *Server) digest(q *query) ([]binary.Node, *refused) {
	if !q.companion.HasKeys() {
		return nil, itemNotFound
	}
	return []binary.Node{{Tag: "digest"}}, nil
}

// bundles answers for residents and companions alike, each one-time key once.
func (s *Server) bundles(ctx context.Context, q *query) ([]binary.Node, *refused) {
	users := make([]binary.Node, 0, len(q.child.GetChildren()))
	for _, user := range q.child.GetChildren() {
		jid := jidAttr(user, "jid")
		node := binary.Node{Tag: "user", Attrs: binary.Attrs{"jid": jid}}
		bundle, known, err := s.bundle(ctx, jid)
		switch {
		case err != nil:
			q.conn.log.Error("make a bundle", "jid", jid, "error", err)
			return nil, internalError
		case !known:
			node.Content = []binary.Node{{Tag: "error", Attrs: binary.Attrs{"code": itemNotFound.code, "text": itemNotFound.text}}}
		default:
			node.Attrs["t"] = s.now().Unix()
			node.Content = bundle.Nodes()
		}
		users = append(users, node)
	}
	return []binary.Node{{Tag: "list", Content: users}}, nil
}

func (s *Server) bundle(ctx context.Context, jid types.JID) (signal.Bundle, bool, error) {
	if !s.world.IsMe(jid) || jid.Device == 0 {
		return s.residents.Bundle(ctx, jid)
	}
	companion, ok := s.Companion(jid.Device)
	if !ok || !companion.HasKeys() {
		return signal.Bundle{}, false, nil
	}
	bundle, err := companion.Bundle()
	return bundle, err == nil, err
}

func (s *Server) lowOnKeys(left int) binary.Node {
	return s.notification("encrypt", types.ServerJID, binary.Node{Tag: "count", Attrs: binary.Attrs{"value": left}})
}
