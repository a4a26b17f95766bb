package store

import (
	"context"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// Pinned gives the chats that are pinned, by name.
func (s *Store) Pinned(ctx context.Context) (pinned []fault.Candidate, err error) {
	err = s.read(ctx, func(q *question) error {
		pinned = nil
		return q.each("SELECT ch.jid, "+nameColumns+chatTables+" WHERE ch.pinned = 1 ORDER BY "+sortName+", ch.jid", nil,
			func(row scanner) error {
				var jid string
				var n names
				err := row.Scan(append([]value{&jid}, n.columns()...)...)
				pinned = append(pinned, fault.Candidate{JID: jid, Name: n.shown(jid)})
				return err
			})
	})
	return pinned, err
}
