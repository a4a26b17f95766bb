package server

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	_ "image/jpeg" // reads the only format that a picture may have
	"net/http"
	"sync"
	"unicode/utf8"

	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waVnameCert"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/emulator/world"
)

const (
	// aboutSize is how many characters an about text may have.
	aboutSize = 139
	// maxPictureSide is the largest picture that a client may set, in pixels.
	maxPictureSide = 640
)

var notAcceptable = &refused{406, "not-acceptable"}

// profile is what the account shows of itself.
type profile struct {
	mu      *sync.Mutex
	about   *string
	picture **world.Picture
}

func newProfile() profile {
	return profile{mu: &sync.Mutex{}, about: new(string), picture: new(*world.Picture)}
}

// About is the account's own line of text.
func (s *Server) About() string {
	s.own.mu.Lock()
	defer s.own.mu.Unlock()
	return *s.own.about
}

// OwnPicture is the account's picture, nil when it has none.
func (s *Server) OwnPicture() *world.Picture {
	s.own.mu.Lock()
	defer s.own.mu.Unlock()
	return *s.own.picture
}

func (s *Server) setAbout(text string) bool {
	if utf8.RuneCountInString(text) > aboutSize {
		return false
	}
	s.own.mu.Lock()
	defer s.own.mu.Unlock()
	*s.own.about = text
	return true
}

// about sets the account's line of text, as Baileys does it.
func (s *Server) about(_ context.Context, q *query) ([]binary.Node, *refused) {
	if !q.set || q.child.Tag != "status" {
		return nil, notImplemented
	}
	if !s.setAbout(string(content(q.child))) {
		return nil, badRequest
	}
	return nil, nil
}

// aboutSet is the same by GraphQL, as whatsmeow does it. What WhatsApp answers beside "no errors" is not known, and
// nobody reads it.
func (s *Server) aboutSet(variables json.RawMessage) (json.RawMessage, *mexError) {
	given, refusedWith := mexVariables[struct {
		Input types.SetStatusInput `json:"input"`
	}](variables)
	if refusedWith != nil {
		return nil, refusedWith
	}
	if given.Input.Text == nil || !s.setAbout(*given.Input.Text) {
		return nil, mexRefusal(http.StatusBadRequest, "Bad Request")
	}
	return json.RawMessage("{}"), nil
}

// picture gives or sets pictures. Whoever hides theirs is told apart from whoever has none.
func (s *Server) picture(_ context.Context, q *query) ([]binary.Node, *refused) {
	target := jidAttr(*q.node, "target").ToNonAD()
	if q.set {
		return s.setPicture(q, target)
	}
	if q.child.Tag != "picture" || attr(q.child, "query") != "url" {
		return nil, notImplemented
	}
	shown, refusedWith := s.pictureShown(target)
	if refusedWith != nil {
		return nil, refusedWith
	}
	return []binary.Node{s.pictureNode(q.child, shown)}, nil
}

func (s *Server) pictureShown(target types.JID) (*world.Picture, *refused) {
	var shown *world.Picture
	contact, known := s.world.Contact(target)
	group, grouped := s.world.Group(target)
	_, roof := s.world.Community(target)
	switch {
	case s.world.IsMe(target):
		shown = s.OwnPicture()
	case known && contact.Hides.Picture:
		return nil, notAuthorized
	case known:
		shown = contact.Picture
	case roof, grouped && !group.Joined:
		// A community's picture is asked for in another way (groups.go).
		return nil, notAuthorized
	case grouped:
		shown = group.Picture
	}
	if shown == nil {
		return nil, itemNotFound
	}
	return shown, nil
}

// pictureNode shows where a picture lies. This world keeps one size of each, whichever was asked for.
func (s *Server) pictureNode(asked binary.Node, shown *world.Picture) binary.Node {
	path := s.publish(shown.JPEG)
	return binary.Node{Tag: "picture", Attrs: binary.Attrs{
		"id": shown.ID, "type": attr(asked, "type"), "url": "https://" + s.media.address + path, "direct_path": path,
	}}
}

// setPicture sets the account's own picture, or takes it away; the other companions are told.
func (s *Server) setPicture(q *query, target types.JID) ([]binary.Node, *refused) {
	if !target.IsEmpty() && !s.world.IsMe(target) {
		return nil, notImplemented
	}
	var set *world.Picture
	var answer []binary.Node
	if given, ok := q.node.GetOptionalChildByTag("picture"); ok {
		jpeg := content(given)
		config, format, err := image.DecodeConfig(bytes.NewReader(jpeg))
		if err != nil || format != "jpeg" || config.Width != config.Height || config.Width > maxPictureSide {
			return nil, notAcceptable
		}
		set = world.NewPicture(jpeg)
		answer = []binary.Node{{Tag: "picture", Attrs: binary.Attrs{"id": set.ID}}}
	}
	s.own.mu.Lock()
	*s.own.picture = set
	s.own.mu.Unlock()
	s.Broadcast(q.companion.Device, s.notification("account_sync", s.world.Account().PN, binary.Node{Tag: "picture"}))
	return answer, nil
}

// SetProfile changes what a contact shows; the companions are told of a new picture or about text, unless it is hidden.
func (s *Server) SetProfile(who types.JID, change world.Profile) error {
	contact, err := s.world.SetProfile(who, change)
	if err != nil {
		return err
	}
	if change.Picture != nil && !contact.Hides.Picture {
		node := binary.Node{Tag: "delete", Attrs: binary.Attrs{"jid": contact.LID}}
		if contact.Picture != nil {
			node = binary.Node{Tag: "set", Attrs: binary.Attrs{"jid": contact.LID, "id": contact.Picture.ID}}
		}
		s.Broadcast(0, s.notification("picture", contact.LID, node))
	}
	if change.About != nil && !contact.Hides.About {
		s.Broadcast(0, s.notification("status", contact.LID, binary.Node{Tag: "set", Content: []byte(contact.About)}))
	}
	return nil
}

// verifiedName is the certificate that a business's name travels in. Nobody checks its signature.
func (s *Server) verifiedName(name string) (binary.Node, bool) {
	details, err := proto.Marshal(&waVnameCert.VerifiedNameCertificate_Details{
		Serial: proto.Uint64(1), Issuer: proto.String("smb:wa"), VerifiedName: proto.String(name),
	})
	if err != nil {
		s.log.Error("encode a business's name", "error", err)
		return binary.Node{}, false
	}
	certificate, err := proto.Marshal(&waVnameCert.VerifiedNameCertificate{Details: details, Signature: make([]byte, 64)})
	if err != nil {
		s.log.Error("encode a business's certificate", "error", err)
		return binary.Node{}, false
	}
	return binary.Node{Tag: "verified_name", Attrs: binary.Attrs{
		"v": 1, "verified_level": "unknown", "host_storage": 1, "actual_actors": 1, "privacy_mode_ts": s.now().Unix(),
	}, Content: certificate}, true
}
