package inbox

import (
	"fmt"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/util/gcmutil"
	"go.mau.fi/whatsmeow/util/hkdfutil"
	"google.golang.org/protobuf/proto"
)

// Reveal opens a reaction that is encrypted with the secret of the message it is about, as it is in a community's
// announcement group; every other message stays as it is. secretOf gives that message's secret and author.
func Reveal(
	message *waE2E.Message, sender types.JID, secretOf func(id string) (secret []byte, author types.JID),
) (*waE2E.Message, error) {
	hidden := message.GetEncReactionMessage()
	if hidden == nil {
		return message, nil
	}
	id := hidden.GetTargetMessageKey().GetID()
	secret, author := secretOf(id)
	purpose := id + author.ToNonAD().String() + sender.ToNonAD().String() + string(whatsmeow.EncSecretReaction)
	plain, err := gcmutil.Decrypt(hkdfutil.SHA256(secret, nil, []byte(purpose), 32), hidden.GetEncIV(), hidden.GetEncPayload(), nil)
	if err != nil {
		return nil, fmt.Errorf("open the reaction to %s: %w", id, err)
	}
	reaction := &waE2E.ReactionMessage{}
	if err := proto.Unmarshal(plain, reaction); err != nil {
		return nil, fmt.Errorf("read the reaction to %s: %w", id, err)
	}
	reaction.Key = hidden.GetTargetMessageKey()
	return &waE2E.Message{ReactionMessage: reaction}, nil
}
