package server

import (
	"context"

	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// ReceiptServerError is how a companion asks the phone to upload a file again (whatsmeow mediaretry.go).
const ReceiptServerError = "server-error"

// NotOnPhone is the error of an answer for a file that the phone has no more.
const NotOnPhone = 2

// MediaRetry asks for the file of a message, encrypted with a key that only its readers have.
type MediaRetry struct {
	From *Companion
	// Chat is a LID or a group.
	Chat           types.JID
	ID             string
	Ciphertext, IV []byte

	// message is the <rmr> that names the message; the answer repeats it.
	message binary.Node
}

func (s *Server) handleMediaRetry(ctx context.Context, c *conn, node *binary.Node) {
	c.out.put(ackReceipt(node))
	message := node.GetChildByTag("rmr")
	retry := MediaRetry{From: c.companion, ID: attr(*node, "id"), message: message}
	var known bool
	if retry.Chat, known = s.world.CanonicalChat(jidAttr(message, "jid")); !known {
		c.log.Warn("a file of a chat that is not known", "stanza", node)
		return
	}
	retry.Ciphertext, retry.IV = content(node.GetChildByTag("encrypt", "enc_p")), content(node.GetChildByTag("encrypt", "enc_iv"))
	if retry.ID == "" || retry.Ciphertext == nil || retry.IV == nil {
		c.log.Warn("a request for a file that cannot be read", "stanza", node)
		return
	}
	s.residents.MediaRetry(ctx, retry)
}

// AnswerMediaRetry brings a companion the phone's answer, or its error where code is not 0.
func (s *Server) AnswerMediaRetry(retry MediaRetry, ciphertext, iv []byte, code int) {
	answer := binary.Node{Tag: "encrypt", Content: []binary.Node{{Tag: "enc_p", Content: ciphertext}, {Tag: "enc_iv", Content: iv}}}
	if code != 0 {
		answer = binary.Node{Tag: "error", Attrs: binary.Attrs{"code": code}}
	}
	retry.From.Deliver(binary.Node{
		Tag: "notification",
		Attrs: binary.Attrs{
			"from": s.world.Account().PN, "type": "mediaretry", "id": retry.ID, "t": s.now().Unix(),
		},
		Content: []binary.Node{answer, retry.message},
	})
}
