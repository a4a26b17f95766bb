package world

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// Scenario is the JSON file that describes a world. People and chats are named by name throughout; "me" is the account.
//
//	{
//	  "account":  {"name": "Alex", "pn": "15550100", "lid": "210000000000100"},
//	  "contacts": [
//	    {"name": "Zoë Müller", "push_name": "Zoë 🌻", "pn": "15550102", "lid": "210000000000102", "about": "in the garden"},
//	    {"name": "Pete", "pn": "15550109", "lid": "210000000000109", "saved": false, "pn_hidden": true}
//	  ],
//	  "communities": [{"name": "Riverside Neighbours", "jid": "120363000000000100"}],
//	  "groups": [
//	    {"name": "Street Talk", "jid": "120363000000000102", "community": "Riverside Neighbours",
//	     "admins": ["Zoë Müller"], "members": ["me", "Pete"], "created": "-400d 10:00"},
//	    {"name": "Buy, Swap, Give", "jid": "120363000000000105", "community": "Riverside Neighbours",
//	     "joined": false, "admins": ["Pete"]}
//	  ],
//	  "newsletters": [
//	    {"name": "River Gazette", "jid": "120363000000000401", "invite": "0029VaRiverGazette0001", "subscribers": 1204,
//	     "posts": [{"at": "-2d 18:00", "text": "High water on Saturday", "reactions": {"😮": 12}}]}
//	  ],
//	  "chats": [
//	    {"chat": "Street Talk", "unread": 1, "pushed": 25,
//	     "chatter": {"themes": ["street"], "messages": 150, "from": "-120d 08:00", "to": "-4d 20:00"},
//	     "messages": [
//	       {"at": "-3d 14:05", "from": "Pete", "text": "Whose cat is this?", "as": "cat",
//	        "reactions": [{"from": "me", "emoji": "😂"}]},
//	       {"at": "-90m", "from": "me", "text": "Mine. Sorry.", "quotes": "cat",
//	        "edited": {"at": "-85m", "text": "Mine. Sorry!"}},
//	       {"at": "-1h", "from": "Pete", "image": {"caption": "Here he is"}},
//	       {"at": "-30m", "from": "Zoë Müller", "text": "oops, wrong chat", "revoked": "-29m"}
//	     ]}
//	  ]
//	}
//
// Numbers and JIDs are digits without a server. Times are those of ParseOffset. A person is "saved" in the address book unless told
// otherwise; "pn_hidden" people are known by LID only. People, groups and communities with a "picture" show one that is drawn
// from their name; what people "hides" from the account is "about" and "picture". Chats may also be "archived", "pinned", and
// "muted" ("8h", or "forever").
// "pushed" is how many of the newest messages linking a device brings by itself (absent: all); the rest come on demand.
// "chatter" adds messages invented from the named themes of chatter.json, always the same ones.
type Scenario struct {
	Account     ScenarioAccount      `json:"account"`
	Contacts    []ScenarioContact    `json:"contacts"`
	Communities []ScenarioCommunity  `json:"communities"`
	Groups      []ScenarioGroup      `json:"groups"`
	Newsletters []ScenarioNewsletter `json:"newsletters,omitempty"`
	Chats       []ScenarioChat       `json:"chats"`
}

// ScenarioAccount is whose phone this is.
type ScenarioAccount struct {
	Name string `json:"name"`
	PN   string `json:"pn"`
	LID  string `json:"lid"`
}

// ScenarioContact is a Contact.
type ScenarioContact struct {
	Name     string    `json:"name"`
	PushName string    `json:"push_name,omitempty"`
	PN       string    `json:"pn"`
	LID      string    `json:"lid"`
	Saved    *bool     `json:"saved,omitempty"`
	About    string    `json:"about,omitempty"`
	Picture  bool      `json:"picture,omitempty"`
	Hides    []string  `json:"hides,omitempty"`
	Business *Business `json:"business,omitempty"`
	PNHidden bool      `json:"pn_hidden,omitempty"`
}

// ScenarioCommunity is a Community.
type ScenarioCommunity struct {
	Name    string `json:"name"`
	JID     string `json:"jid"`
	Topic   string `json:"topic,omitempty"`
	Picture bool   `json:"picture,omitempty"`
	Created string `json:"created,omitempty"`
}

// ScenarioGroup is a Group. The first admin made it. "me" need not be listed in a joined group.
type ScenarioGroup struct {
	Name         string   `json:"name"`
	JID          string   `json:"jid"`
	Topic        string   `json:"topic,omitempty"`
	Picture      bool     `json:"picture,omitempty"`
	Community    string   `json:"community,omitempty"`
	Announcement bool     `json:"announcement,omitempty"`
	Joined       *bool    `json:"joined,omitempty"`
	Admins       []string `json:"admins"`
	Members      []string `json:"members,omitempty"`
	Created      string   `json:"created,omitempty"`
}

// ScenarioNewsletter is a Newsletter. The account does not follow it unless told so.
type ScenarioNewsletter struct {
	Name        string         `json:"name"`
	JID         string         `json:"jid"`
	Invite      string         `json:"invite"`
	Description string         `json:"description,omitempty"`
	Verified    bool           `json:"verified,omitempty"`
	Subscribers int            `json:"subscribers,omitempty"`
	Followed    bool           `json:"followed,omitempty"`
	Created     string         `json:"created,omitempty"`
	Posts       []ScenarioPost `json:"posts,omitempty"`
}

// ScenarioPost is a Post, with the reactions of others counted by emoji.
type ScenarioPost struct {
	At        string         `json:"at"`
	Text      string         `json:"text"`
	Reactions map[string]int `json:"reactions,omitempty"`
}

// ScenarioChat is what was said in a direct chat or group.
type ScenarioChat struct {
	Chat     string            `json:"chat"`
	Unread   int               `json:"unread,omitempty"`
	Archived bool              `json:"archived,omitempty"`
	Pinned   bool              `json:"pinned,omitempty"`
	Muted    string            `json:"muted,omitempty"`
	Pushed   *int              `json:"pushed,omitempty"`
	Chatter  *Chatter          `json:"chatter,omitempty"`
	Messages []ScenarioMessage `json:"messages,omitempty"`
}

// Chatter asks for invented messages.
type Chatter struct {
	Themes   []string `json:"themes"`
	Messages int      `json:"messages"`
	From     string   `json:"from"`
	To       string   `json:"to"`
}

// ScenarioMessage is one hand-written message.
type ScenarioMessage struct {
	At   string `json:"at"`
	From string `json:"from"`
	Text string `json:"text,omitempty"`
	// As labels the message for Quotes of later ones in the same chat.
	As        string             `json:"as,omitempty"`
	Quotes    string             `json:"quotes,omitempty"`
	ID        string             `json:"id,omitempty"`
	Image     *ScenarioImage     `json:"image,omitempty"`
	Edited    *ScenarioEdit      `json:"edited,omitempty"`
	Revoked   string             `json:"revoked,omitempty"`
	Reactions []ScenarioReaction `json:"reactions,omitempty"`
}

// ScenarioImage is a picture that exists by its description only.
type ScenarioImage struct {
	Caption string `json:"caption,omitempty"`
}

// ScenarioEdit is what a message was changed to.
type ScenarioEdit struct {
	At   string `json:"at"`
	Text string `json:"text"`
}

// ScenarioReaction comes a minute after the message.
type ScenarioReaction struct {
	From  string `json:"from"`
	Emoji string `json:"emoji"`
}

// ParseScenario reads a scenario strictly: an unknown field is an error, because a misspelt one would be missed silently.
func ParseScenario(data []byte) (Scenario, error) {
	var s Scenario
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		return Scenario{}, fmt.Errorf("scenario: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Scenario{}, errors.New("scenario: there is something after the closing brace")
	}
	return s, nil
}

// LoadFile builds the world of a scenario file, with its times relative to the clock's now.
func LoadFile(path string, clock func() time.Time) (*World, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("scenario: %w", err)
	}
	return Load(data, clock)
}

// Load builds the world of a scenario.
func Load(data []byte, clock func() time.Time) (*World, error) {
	s, err := ParseScenario(data)
	if err != nil {
		return nil, err
	}
	w, err := s.Build(clock)
	if err != nil {
		return nil, fmt.Errorf("scenario: %w", err)
	}
	return w, nil
}
