package phone

import (
	"strings"
	"time"

	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/proto/waSyncAction"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/emulator/world"
)

// initial is what a phone has agreed on with itself before any companion is linked: the account's name, the address
// book, and which chats are pinned, archived and muted.
func (a *appState) initial() []appstate.PatchInfo {
	patches := []appstate.PatchInfo{appstate.BuildSettingPushName(a.world.Account().Name)}
	contacts := appstate.PatchInfo{Type: appstate.WAPatchCriticalUnblockLow}
	for _, contact := range a.world.Contacts() {
		if contact.Saved {
			contacts.Mutations = append(contacts.Mutations, contactMutation(contact))
		}
	}
	low := appstate.PatchInfo{Type: appstate.WAPatchRegularLow}
	high := appstate.PatchInfo{Type: appstate.WAPatchRegularHigh}
	for _, chat := range a.world.Chats() {
		if chat.Archived {
			low.Mutations = append(low.Mutations, appstate.BuildArchive(chat.JID, true, time.Unix(chat.LastAt, 0), nil).Mutations[0])
		}
		if chat.Pinned {
			low.Mutations = append(low.Mutations, appstate.BuildPin(chat.JID, true).Mutations...)
		}
		if chat.MutedUntil != 0 {
			high.Mutations = append(high.Mutations, appstate.BuildMuteAbs(chat.JID, true, muteEnd(chat.MutedUntil)).Mutations...)
		}
	}
	for _, patch := range []appstate.PatchInfo{contacts, low, high} {
		if len(patch.Mutations) > 0 {
			patches = append(patches, patch)
		}
	}
	return patches
}

// muteEnd is in milliseconds, and nothing for ever.
func muteEnd(seconds int64) *int64 {
	if seconds < 0 {
		return nil
	}
	return proto.Int64(seconds * 1000)
}

func contactMutation(contact world.Contact) appstate.MutationInfo {
	jid := contact.PN
	if contact.PNHidden {
		jid = contact.LID
	}
	first, _, _ := strings.Cut(contact.Name, " ")
	return appstate.MutationInfo{
		Index:   []string{appstate.IndexContact, jid.String()},
		Version: 2,
		Value: &waSyncAction.SyncActionValue{ContactAction: &waSyncAction.ContactAction{
			FullName: proto.String(contact.Name), FirstName: proto.String(first),
			LidJID: proto.String(contact.LID.String()), SaveOnPrimaryAddressbook: proto.Bool(true),
		}},
	}
}
