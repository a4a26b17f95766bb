package whatsapp

import (
	"context"
	"strings"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// SendCard sends the contacts of a vCard text. A phone number with its country code becomes one that can be written to
// on WhatsApp.
//
// Errors: those of SendText, INVALID_ARGUMENT for a text that is no vCard.
func (c *Client) SendCard(ctx context.Context, chat, text, key string) (SentMessage, error) {
	cards, err := readCards(text)
	if err != nil {
		return SentMessage{}, err
	}
	return c.send(ctx, outgoing{
		chat: chat, key: key, said: []string{"contact", text},
		write: func(context.Context, store.Address, target) (*waE2E.Message, error) { return cardMessage(cards), nil },
	})
}

func cardMessage(cards []*waE2E.ContactMessage) *waE2E.Message {
	if len(cards) == 1 {
		return &waE2E.Message{ContactMessage: cards[0]}
	}
	var names []string
	for _, card := range cards {
		names = append(names, card.GetDisplayName())
	}
	return &waE2E.Message{ContactsArrayMessage: &waE2E.ContactsArrayMessage{
		DisplayName: proto.String(strings.Join(names, ", ")), Contacts: cards,
	}}
}

// readCards reads one vCard after the other (RFC 6350, and RFC 2426 as phones write it).
func readCards(text string) ([]*waE2E.ContactMessage, error) {
	var cards []*waE2E.ContactMessage
	var card []string
	for _, line := range unfold(text) {
		switch upper := strings.ToUpper(line); {
		case upper == "BEGIN:VCARD" && card == nil:
			card = []string{line}
		case card == nil:
			return nil, fault.Argument("vcard", "must begin with BEGIN:VCARD")
		case upper == "END:VCARD":
			made, err := cardOf(append(card, line))
			if err != nil {
				return nil, err
			}
			cards, card = append(cards, made), nil
		default:
			card = append(card, withWhatsApp(line))
		}
	}
	if card != nil || len(cards) == 0 {
		return nil, fault.Argument("vcard", "must be BEGIN:VCARD ... END:VCARD")
	}
	return cards, nil
}

// unfold gives the lines of a vCard; one that begins with a blank goes on with the line before it.
func unfold(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.TrimSpace(line) == "":
		case len(lines) > 0 && (line[0] == ' ' || line[0] == '\t'):
			lines[len(lines)-1] += line[1:]
		default:
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

func cardOf(lines []string) (*waE2E.ContactMessage, error) {
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		if field, _ := fieldOf(name); field == "FN" && strings.TrimSpace(value) != "" {
			return &waE2E.ContactMessage{
				DisplayName: proto.String(unescape(value)), Vcard: proto.String(strings.Join(lines, "\n")),
			}, nil
		}
	}
	return nil, fault.Argument("vcard", "needs a line FN: with the name")
}

// fieldOf takes a group ("item1.") and the parameters off a field's name.
func fieldOf(name string) (field, parameters string) {
	field, parameters, _ = strings.Cut(name, ";")
	return strings.ToUpper(field[strings.LastIndexByte(field, '.')+1:]), parameters
}

var vcardEscapes = strings.NewReplacer(`\,`, ",", `\;`, ";", `\\`, `\`, `\n`, " ", `\N`, " ")

func unescape(value string) string { return strings.TrimSpace(vcardEscapes.Replace(value)) }

// withWhatsApp marks a number with its WhatsApp id, without which nobody can write to the contact. A number without its
// country code has none.
func withWhatsApp(line string) string {
	name, value, found := strings.Cut(line, ":")
	field, parameters := fieldOf(name)
	if !found || field != "TEL" || strings.Contains(strings.ToLower(parameters), "waid=") {
		return line
	}
	number := strings.TrimSpace(value)
	if scheme := "tel:"; len(number) > len(scheme) && strings.EqualFold(number[:len(scheme)], scheme) {
		number = number[len(scheme):]
	}
	number, _, _ = strings.Cut(number, ";")
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, number)
	switch {
	case strings.HasPrefix(number, "+"):
	case strings.HasPrefix(digits, "00"):
		digits = digits[2:]
	default:
		return line
	}
	if digits == "" {
		return line
	}
	return name + ";waid=" + digits + ":" + value
}
