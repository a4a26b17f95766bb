package world

import (
	"crypto/sha256"

	"go.mau.fi/whatsmeow/types"
)

// Secret is what a reaction to a message of a community's announcement group is encrypted with, and who wrote that
// message. Elsewhere there is none. The secret follows from the message, so that history carries the same one.
func (w *World) Secret(chat types.JID, id string) (secret []byte, author types.JID) {
	message, known := w.Message(chat, id)
	group, isGroup := w.Group(message.Chat)
	if !known || !isGroup || !group.Announcement {
		return nil, types.EmptyJID
	}
	return secretOf(message), message.Sender
}

func secretOf(m Message) []byte {
	sum := sha256.Sum256([]byte("secret of " + m.Chat.String() + " " + m.ID))
	return sum[:]
}
