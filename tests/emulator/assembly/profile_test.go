package assembly_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

// Whoever in the demo world hides something, and a business.
const (
	priya  = "Priya Raman"
	tomas  = "Tomás Oliveira"
	bakery = "Bäckerei Jörg"
)

type ownProfile struct {
	About   string `json:"about"`
	Picture *struct {
		ID     string `json:"id"`
		SHA256 string `json:"sha256"`
		Width  int    `json:"width"`
		Height int    `json:"height"`
	} `json:"picture"`
}

func (r *rig) ownProfile() ownProfile {
	r.t.Helper()
	var seen ownProfile
	r.get("/admin/profile", &seen)
	return seen
}

// fetch gets a file of the media host as anybody may.
func (r *rig) fetch(url string) []byte {
	r.t.Helper()
	_, pem := r.raw(http.MethodGet, "/ca.pem", nil)
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(pem)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}}}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, url, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() {
		if err := response.Body.Close(); err != nil {
			r.t.Error(err)
		}
	}()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		r.t.Fatalf("%s: %d, %v", url, response.StatusCode, err)
	}
	return body
}

// userInfo asks about somebody by name.
func (c *companion) userInfo(name string) types.UserInfo {
	c.t.Helper()
	jid := c.jid(name)
	found, err := c.GetUserInfo(c.t.Context(), []types.JID{jid})
	if err != nil {
		c.t.Fatal(err)
	}
	return found[jid]
}

func drawn(t *testing.T, width, height int) []byte {
	t.Helper()
	var encoded bytes.Buffer
	if err := jpeg.Encode(&encoded, image.NewGray(image.Rect(0, 0, width, height)), nil); err != nil {
		t.Fatal(err)
	}
	return encoded.Bytes()
}

func TestWhatPeopleHideIsNotShown(t *testing.T) {
	r := start(t)
	c := r.link()
	if seen := c.userInfo(bob); seen.Status != "Left-footed, early riser" || seen.PictureID == "" || len(seen.Devices) != 1 {
		t.Errorf("of Bob: %+v", seen)
	}
	if seen := c.userInfo(priya); seen.Status != "" || seen.PictureID == "" {
		t.Errorf("of who hides the about text: %+v", seen)
	}
	if seen := c.userInfo(tomas); seen.Status == "" || seen.PictureID != "" {
		t.Errorf("of who hides the picture: %+v", seen)
	}
	r.post("/admin/profile", words{"contact": bob, "about": "Gone", "picture": false, "hides": []string{}}, nil)
	await(c, func(e *events.Picture) bool { return e.JID == r.jid(bob) && e.Remove })
	await(c, func(e *events.UserAbout) bool { return e.JID == r.jid(bob) && e.Status == "Gone" })
	if seen := c.userInfo(bob); seen.Status != "Gone" || seen.PictureID != "" {
		t.Errorf("after the change: %+v", seen)
	}
	r.post("/admin/profile", words{"contact": bob, "picture": true, "hides": []string{"about"}}, nil)
	told := await(c, func(e *events.Picture) bool { return e.JID == r.jid(bob) && !e.Remove })
	if seen := c.userInfo(bob); seen.Status != "" || seen.PictureID != told.PictureID {
		t.Errorf("after the second change: %+v, told of %s", seen, told.PictureID)
	}
	r.refuses("/admin/profile", words{"contact": bob, "hides": []string{"shoes"}}, http.StatusBadRequest)
	r.refuses("/admin/profile", words{"contact": "Nobody"}, http.StatusNotFound)
}

func TestABusinessHasAVerifiedName(t *testing.T) {
	r := start(t)
	c := r.link()
	number := types.NewJID("15550107", types.DefaultUserServer)
	if _, err := c.GetUserInfo(t.Context(), []types.JID{number}); err != nil {
		t.Fatal(err)
	}
	told := await(c, func(e *events.BusinessName) bool { return e.JID == number })
	if told.NewBusinessName != bakery {
		t.Errorf("the name is %q", told.NewBusinessName)
	}
	answers, err := c.IsOnWhatsApp(t.Context(), []string{"+15550107", "+" + bobNumber})
	if err != nil || len(answers) != 2 || answers[0].VerifiedName == nil || answers[1].VerifiedName != nil {
		t.Errorf("the numbers are %+v, %v", answers, err)
	}
}

func TestPicturesAreWhereTheAnswerSays(t *testing.T) {
	r := start(t)
	c := r.link()
	for _, name := range []string{bob, "Family 🏡"} {
		shown, err := c.GetProfilePictureInfo(t.Context(), r.jid(name), nil)
		if err != nil || shown.Type != "image" {
			t.Fatalf("%s: %+v, %v", name, shown, err)
		}
		if config, err := jpeg.DecodeConfig(bytes.NewReader(r.fetch(shown.URL))); err != nil || config.Width != 640 || config.Height != 640 {
			t.Errorf("%s: %+v, %v", name, config, err)
		}
	}
	for name, wanted := range map[string]error{
		tomas:               whatsmeow.ErrProfilePictureUnauthorized,
		"Grandma Rose":      whatsmeow.ErrProfilePictureNotSet,
		"Buy, Swap, Give":   whatsmeow.ErrProfilePictureUnauthorized,
		"Trip to the Lakes": whatsmeow.ErrProfilePictureNotSet,
	} {
		if _, err := c.GetProfilePictureInfo(t.Context(), r.jid(name), nil); !errors.Is(err, wanted) {
			t.Errorf("%s: %v", name, err)
		}
	}
	asCommunity := &whatsmeow.GetProfilePictureParams{IsCommunity: true}
	with, without := types.NewJID("120363040000000100", types.GroupServer), types.NewJID("120363040000000200", types.GroupServer)
	if _, err := c.GetProfilePictureInfo(t.Context(), with, nil); !errors.Is(err, whatsmeow.ErrProfilePictureUnauthorized) {
		t.Errorf("a community asked for as a group: %v", err)
	}
	if shown, err := c.GetProfilePictureInfo(t.Context(), with, asCommunity); err != nil || shown.URL == "" {
		t.Errorf("the community shows %+v, %v", shown, err)
	}
	if _, err := c.GetProfilePictureInfo(t.Context(), without, asCommunity); !errors.Is(err, whatsmeow.ErrProfilePictureNotSet) {
		t.Errorf("a community without a picture: %v", err)
	}
}

func TestTheAccountsOwnPictureIsSetAndTakenAway(t *testing.T) {
	r := start(t)
	first, second := r.link(), r.link()
	own := types.NewJID("15550100", types.DefaultUserServer)
	if _, err := first.GetProfilePictureInfo(t.Context(), own, nil); !errors.Is(err, whatsmeow.ErrProfilePictureNotSet) {
		t.Errorf("there is one already: %v", err)
	}
	content := drawn(t, 640, 640)
	id, err := first.SetGroupPhoto(t.Context(), types.EmptyJID, content)
	if err != nil {
		t.Fatal(err)
	}
	await(second, func(e *events.Picture) bool { return e.JID == own })
	sum := sha256.Sum256(content)
	if seen := r.ownProfile().Picture; seen == nil || seen.ID != id || seen.SHA256 != hex.EncodeToString(sum[:]) || seen.Width != 640 {
		t.Errorf("the profile shows %+v", seen)
	}
	shown, err := second.GetProfilePictureInfo(t.Context(), own, nil)
	if err != nil || shown.ID != id || !bytes.Equal(r.fetch(shown.URL), content) {
		t.Errorf("the other companion sees %+v, %v", shown, err)
	}
	var other bytes.Buffer
	if err := png.Encode(&other, image.NewGray(image.Rect(0, 0, 64, 64))); err != nil {
		t.Fatal(err)
	}
	for name, wrong := range map[string][]byte{"not square": drawn(t, 640, 320), "too large": drawn(t, 641, 641), "a PNG": other.Bytes(), "text": []byte("hi")} {
		if _, err := first.SetGroupPhoto(t.Context(), types.EmptyJID, wrong); !errors.Is(err, whatsmeow.ErrInvalidImageFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := first.SetGroupPhoto(t.Context(), r.jid(bob), content); err == nil {
		t.Error("somebody else's picture was set")
	}
	if _, err := first.SetGroupPhoto(t.Context(), types.EmptyJID, nil); err != nil || r.ownProfile().Picture != nil {
		t.Errorf("the picture is still there: %v", err)
	}
}

func TestTheAccountsAboutIsSetAsEitherLibraryDoesIt(t *testing.T) {
	r := start(t)
	c := r.link()
	text := strings.Repeat("é", 139)
	if err := c.SetStatusMessage(t.Context(), types.SetStatusInput{Text: &text}); err != nil || r.ownProfile().About != text {
		t.Errorf("whatsmeow: %v, %+v", err, r.ownProfile())
	}
	long := text + "!"
	if err := c.SetStatusMessage(t.Context(), types.SetStatusInput{Text: &long}); err == nil {
		t.Error("140 characters were taken")
	}
	set := func(text string) error {
		_, err := c.DangerousInternals().SendIQ(t.Context(), whatsmeow.DangerousInfoQuery{ //nolint:staticcheck // SA1019: a raw query, as Baileys sends it.
			Namespace: "status", Type: "set", To: types.ServerJID,
			Content: []binary.Node{{Tag: "status", Content: []byte(text)}},
		})
		return err
	}
	if err := set("as Baileys"); err != nil || r.ownProfile().About != "as Baileys" {
		t.Errorf("Baileys: %v, %+v", err, r.ownProfile())
	}
	if err := set(long); err == nil {
		t.Error("140 characters were taken")
	}
	own := c.Store.ID.ToNonAD()
	if seen, err := c.GetUserInfo(t.Context(), []types.JID{own}); err != nil || seen[own].Status != "as Baileys" {
		t.Errorf("a companion sees %+v, %v", seen, err)
	}
	if _, err := c.DangerousInternals().SendMexIQ(t.Context(), "1", nil); err == nil { //nolint:staticcheck // SA1019: as above.
		t.Error("an unknown query was answered")
	}
}
