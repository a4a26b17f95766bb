package store

import (
	"strings"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// Servers of JIDs.
const (
	serverUser       = "s.whatsapp.net"
	serverLID        = "lid"
	serverGroup      = "g.us"
	serverNewsletter = "newsletter"
	serverBroadcast  = "broadcast"
	serverBot        = "bot"
	statusJID        = "status@broadcast"
)

// sameServer maps other spellings of a server onto the one under which a person is known. Companion devices that
// Meta hosts for businesses speak as 1555...:99@hosted and 1234...:99@hosted.lid.
var sameServer = map[string]string{
	serverUser: serverUser, "c.us": serverUser, "hosted": serverUser,
	serverLID: serverLID, "hosted.lid": serverLID,
	serverGroup: serverGroup, serverNewsletter: serverNewsletter, serverBroadcast: serverBroadcast, serverBot: serverBot,
}

const maxUserLength = 64

// Bare checks a JID and strips its device and agent: "15550100.0:12@s.whatsapp.net" becomes
// "15550100@s.whatsapp.net". Anything that is not a JID is INVALID_JID.
func Bare(jid string) (string, error) {
	user, server, found := strings.Cut(strings.TrimSpace(jid), "@")
	server, known := sameServer[strings.ToLower(server)]
	if !found || !known {
		return "", invalidJID(jid)
	}
	if server == serverUser || server == serverLID || server == serverBot {
		var device, agent string
		var hasDevice, hasAgent bool
		user, device, hasDevice = strings.Cut(user, ":")
		user, agent, hasAgent = strings.Cut(user, ".")
		if hasDevice && !isDigits(device) || hasAgent && !isDigits(agent) {
			return "", invalidJID(jid)
		}
	}
	if !validUser(user, server) {
		return "", invalidJID(jid)
	}
	return user + "@" + server, nil
}

func validUser(user, server string) bool {
	if len(user) > maxUserLength {
		return false
	}
	switch server {
	case serverUser, serverLID, serverBot:
		return isDigits(user)
	case serverGroup:
		creator, created, old := strings.Cut(user, "-")
		return isDigits(creator) && (!old || isDigits(created))
	case serverBroadcast:
		return user == "status" || isDigits(user)
	default:
		return isAlphanumeric(user)
	}
}

func invalidJID(text string) error {
	made := fault.New(fault.InvalidJID, "")
	made.Details = fault.Details{Problem: "not a JID: " + cut(text, 100)}
	return made
}

// userOf and serverOf split a bare JID.
func userOf(jid string) string {
	user, _, _ := strings.Cut(jid, "@")
	return user
}

func serverOf(jid string) string {
	_, server, _ := strings.Cut(jid, "@")
	return server
}

// kindOfChat is what a bare JID says of its chat. Communities look like groups; the server tells them apart.
func kindOfChat(jid string) string {
	switch serverOf(jid) {
	case serverGroup:
		return ChatGroup
	case serverNewsletter:
		return ChatNewsletter
	case serverBroadcast:
		if jid == statusJID {
			return ChatStatus
		}
		return ChatBroadcast
	default:
		return ChatDirect
	}
}

// phoneOf gives "+15550100" for a phone-number JID and "" for others.
func phoneOf(jid string) string {
	if serverOf(jid) != serverUser {
		return ""
	}
	return "+" + userOf(jid)
}

func isDigits(text string) bool {
	for _, r := range text {
		if r < '0' || r > '9' {
			return false
		}
	}
	return text != ""
}

func isAlphanumeric(text string) bool {
	for _, r := range text {
		if (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return text != ""
}

// cut shortens text to at most n bytes, at a rune.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "") + "…"
}
