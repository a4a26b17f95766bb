package assembly_test

import (
	"net/http"
	"net/url"
	"time"

	"go.mau.fi/whatsmeow/types"

	"whatsapp-mcp/emulator/inbox"
)

// The names of the demo world that the tests use.
const (
	bob          = "Bob Carver"
	zoe          = "Zoë Müller"
	bobNumber    = "15550101"
	football     = "Match Day ⚽"
	announcement = "Riverside Announcements"
)

type member struct {
	Name string `json:"name"`
	PN   string `json:"pn"`
	LID  string `json:"lid"`
}

type groupRow struct {
	JID          string   `json:"jid"`
	Name         string   `json:"name"`
	CommunityJID string   `json:"community_jid"`
	Joined       bool     `json:"joined"`
	Participants []string `json:"participants"`
}

type chatRow struct {
	JID      string `json:"jid"`
	Name     string `json:"name"`
	Messages int    `json:"messages"`
	Pushed   int    `json:"pushed"`
	Unread   int    `json:"unread"`
}

type worldView struct {
	Account     member     `json:"account"`
	Contacts    []member   `json:"contacts"`
	Groups      []groupRow `json:"groups"`
	Communities []member   `json:"communities"`
	Chats       []chatRow  `json:"chats"`
}

func (r *rig) world() worldView {
	r.t.Helper()
	var w worldView
	r.get("/admin/world", &w)
	return w
}

// jid is the LID of a person, or the JID of a group, by name.
func (r *rig) jid(name string) types.JID {
	r.t.Helper()
	w := r.world()
	found := ""
	for _, c := range w.Contacts {
		if c.Name == name {
			found = c.LID
		}
	}
	for _, g := range w.Groups {
		if g.Name == name {
			found = g.JID
		}
	}
	jid, err := types.ParseJID(found)
	if err != nil || found == "" {
		r.t.Fatalf("%q is not in the world", name)
	}
	return jid
}

func (r *rig) chat(name string) chatRow {
	r.t.Helper()
	for _, c := range r.world().Chats {
		if c.Name == name {
			return c
		}
	}
	r.t.Fatalf("there is no chat %q", name)
	return chatRow{}
}

// memberOf is somebody else's name in a group.
func (r *rig) memberOf(group string) string {
	r.t.Helper()
	w := r.world()
	for _, g := range w.Groups {
		if g.Name != group {
			continue
		}
		for _, c := range w.Contacts {
			if c.LID == g.Participants[0] {
				return c.Name
			}
		}
	}
	r.t.Fatalf("nobody is in %q", group)
	return ""
}

type spoken struct {
	ID        string `json:"id"`
	Timestamp int64  `json:"timestamp"`
	Path      string `json:"path"`
	SHA256    string `json:"sha256"`
}

type words map[string]any

func (r *rig) say(from, chat, text string) spoken {
	r.t.Helper()
	request := words{"from": from, "text": text}
	if chat != "" {
		request["chat"] = chat
	}
	return r.do("/admin/say", request)
}

func (r *rig) do(path string, request words) spoken {
	r.t.Helper()
	var done spoken
	r.post(path, request, &done)
	return done
}

func (r *rig) fault(kind string, more words) {
	r.t.Helper()
	request := words{"kind": kind}
	for name, value := range more {
		request[name] = value
	}
	r.post("/admin/fault", request, nil)
}

// received waits until a contact has got something.
func (r *rig) received(contact string, wanted func(inbox.Entry) bool) inbox.Entry {
	r.t.Helper()
	return r.poll("/admin/received?contact="+url.QueryEscape(contact), wanted)
}

// onPhone waits until the phone has seen something.
func (r *rig) onPhone(wanted func(inbox.Entry) bool) inbox.Entry {
	r.t.Helper()
	return r.poll("/admin/phone", wanted)
}

func (r *rig) poll(path string, wanted func(inbox.Entry) bool) inbox.Entry {
	r.t.Helper()
	var log struct {
		Events []inbox.Entry `json:"events"`
	}
	for end := time.Now().Add(patience); time.Now().Before(end); {
		r.get(path, &log)
		for _, entry := range log.Events {
			if wanted(entry) {
				return entry
			}
		}
		r.pause()
	}
	r.t.Fatalf("%s never showed it; it has %+v", path, log.Events)
	return inbox.Entry{}
}

type chatView struct {
	Read       *bool  `json:"read"`
	Archived   *bool  `json:"archived"`
	Pinned     *bool  `json:"pinned"`
	MutedUntil *int64 `json:"muted_until"`
}

// phoneChat waits until the phone shows a chat as wanted.
func (r *rig) phoneChat(chat types.JID, wanted func(chatView) bool) {
	r.t.Helper()
	var view struct {
		Chats map[string]chatView `json:"chats"`
	}
	for end := time.Now().Add(patience); time.Now().Before(end); {
		r.get("/admin/phone", &view)
		if wanted(view.Chats[chat.String()]) {
			return
		}
		r.pause()
	}
	r.t.Fatalf("the phone shows %+v", view.Chats[chat.String()])
}

type deviceRow struct {
	Device    int  `json:"device"`
	Connected bool `json:"connected"`
	Ready     bool `json:"ready"`
	Queued    int  `json:"queued"`
	PreKeys   int  `json:"pre_keys"`
}

// device waits until a companion stands as wanted.
func (r *rig) deviceIs(number uint16, wanted func(deviceRow) bool) deviceRow {
	r.t.Helper()
	var devices []deviceRow
	for end := time.Now().Add(patience); time.Now().Before(end); {
		r.get("/admin/devices", &devices)
		for _, d := range devices {
			if d.Device == int(number) && wanted(d) {
				return d
			}
		}
		r.pause()
	}
	r.t.Fatalf("the devices are %+v", devices)
	return deviceRow{}
}

// settled waits until a companion has acknowledged all that it was sent.
func (c *companion) settled() deviceRow {
	c.t.Helper()
	return c.deviceIs(c.device, func(d deviceRow) bool { return d.Ready && d.Queued == 0 })
}

// pause is the step between two looks at something that is going to happen.
func (r *rig) pause() {
	timer := time.NewTimer(10 * time.Millisecond)
	defer timer.Stop()
	<-timer.C
}

func (r *rig) refuses(path string, request words, status int) string {
	r.t.Helper()
	got, body := r.raw(http.MethodPost, path, request)
	if got != status {
		r.t.Fatalf("POST %s %v: %d %s, expected %d", path, request, got, body, status)
	}
	return string(body)
}
