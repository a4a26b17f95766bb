package server

import (
	"context"

	"go.mau.fi/whatsmeow/binary"
)

// passive is where a client says that it is ready: what waited for it follows the answer.
func (s *Server) passive(ctx context.Context, q *query) ([]binary.Node, *refused) {
	if q.child.Tag != "active" {
		return nil, nil
	}
	q.after = func() {
		if !q.companion.open(q.conn) {
			return
		}
		s.residents.Linked(context.WithoutCancel(ctx), q.companion)
		close(q.companion.linked)
	}
	return nil, nil
}

// props are the server's experiments; a client needs the hash only.
func (s *Server) props(context.Context, *query) ([]binary.Node, *refused) {
	return []binary.Node{{Tag: "props", Attrs: binary.Attrs{"hash": "emulator", "protocol": "1"}}}, nil
}

// mediaHost is where media goes, and the token that uploads carry.
type mediaHost struct {
	address, auth string
}

// mediaConn says where media goes up and comes down.
func (s *Server) mediaConn(context.Context, *query) ([]binary.Node, *refused) {
	const day, hour = 86400, 3600
	return []binary.Node{{
		Tag:     "media_conn",
		Attrs:   binary.Attrs{"auth": s.media.auth, "ttl": hour, "auth_ttl": day, "max_buckets": 12, "id": 1},
		Content: []binary.Node{{Tag: "host", Attrs: binary.Attrs{"hostname": s.media.address}}},
	}}, nil
}
