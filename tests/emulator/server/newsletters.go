package server

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"

	"whatsapp-mcp/emulator/world"
)

// liveSeconds is for how long changes of a newsletter are told to who asked for them.
const liveSeconds = 300

// newsletterData is a newsletter as GraphQL answers write it: numbers are texts.
type newsletterData struct {
	ID     string          `json:"id"`
	State  newsletterState `json:"state"`
	Thread newsletterMeta  `json:"thread_metadata"`
	Viewer *viewerData     `json:"viewer_metadata"`
}

type newsletterState struct {
	Type string `json:"type"`
}

type newsletterMeta struct {
	CreationTime string          `json:"creation_time"`
	Invite       string          `json:"invite"`
	Name         newsletterText  `json:"name"`
	Description  newsletterText  `json:"description"`
	Subscribers  string          `json:"subscribers_count"`
	Verification string          `json:"verification"`
	Picture      *struct{}       `json:"picture"`
	Preview      struct{}        `json:"preview"`
	Settings     newsletterRules `json:"settings"`
}

type newsletterText struct {
	Text       string `json:"text"`
	ID         string `json:"id"`
	UpdateTime string `json:"update_time"`
}

type newsletterRules struct {
	ReactionCodes struct {
		Value string `json:"value"`
	} `json:"reaction_codes"`
}

type viewerData struct {
	Mute string `json:"mute"`
	Role string `json:"role"`
}

func newsletterNotFound() *mexError { return mexRefusal(http.StatusNotFound, "Not Found") }

func describe(n world.Newsletter, viewer bool) newsletterData {
	microseconds := strconv.FormatInt(n.Created*1_000_000, 10)
	meta := newsletterMeta{
		CreationTime: strconv.FormatInt(n.Created, 10), Invite: n.Invite, Subscribers: strconv.Itoa(n.Subscribers),
		Name:         newsletterText{Text: n.Name, ID: "1", UpdateTime: microseconds},
		Description:  newsletterText{Text: n.Description, ID: "2", UpdateTime: microseconds},
		Verification: "UNVERIFIED",
	}
	meta.Settings.ReactionCodes.Value = "ALL"
	if n.Verified {
		meta.Verification = "VERIFIED"
	}
	data := newsletterData{ID: n.JID.String(), State: newsletterState{"ACTIVE"}, Thread: meta}
	if viewer {
		data.Viewer = &viewerData{Mute: "OFF", Role: string(n.Role)}
	}
	return data
}

// newsletterInfo answers by JID or invite. What the account is to it is told only where it is asked for.
func (s *Server) newsletterInfo(variables json.RawMessage) (json.RawMessage, *mexError) {
	asked, refusedWith := mexVariables[struct {
		Input struct {
			Key string `json:"key"`
		} `json:"input"`
		Viewer bool `json:"fetch_viewer_metadata"`
	}](variables)
	if refusedWith != nil {
		return nil, refusedWith
	}
	n, err := s.world.Newsletter(asked.Input.Key)
	if err != nil {
		return nil, newsletterNotFound()
	}
	return mexData("xwa2_newsletter", describe(n, asked.Viewer))
}

func (s *Server) newslettersFollowed(json.RawMessage) (json.RawMessage, *mexError) {
	followed := []newsletterData{}
	for _, n := range s.world.Newsletters() {
		if n.Follows() {
			followed = append(followed, describe(n, true))
		}
	}
	return mexData("xwa2_newsletter_subscribed", followed)
}

// newsletterCreate takes the input under the name that each library gives it.
func (s *Server) newsletterCreate(variables json.RawMessage) (json.RawMessage, *mexError) {
	type input struct {
		Name        string `json:"name"`
		Description string `json:"description"`
	}
	asked, refusedWith := mexVariables[struct {
		Whatsmeow *input `json:"newsletter_input"`
		Baileys   *input `json:"input"`
	}](variables)
	if refusedWith != nil {
		return nil, refusedWith
	}
	wanted := asked.Whatsmeow
	if wanted == nil {
		wanted = asked.Baileys
	}
	if wanted == nil || wanted.Name == "" {
		return nil, mexRefusal(http.StatusBadRequest, "Bad Request")
	}
	n, err := s.world.CreateNewsletter(wanted.Name, wanted.Description)
	if err != nil {
		return nil, mexRefusal(http.StatusConflict, "Conflict")
	}
	return mexData("xwa2_newsletter_create", describe(n, true))
}

func (s *Server) newsletterFollow(name string, follow bool) mexHandler {
	return func(variables json.RawMessage) (json.RawMessage, *mexError) {
		asked, refusedWith := mexVariables[struct {
			ID types.JID `json:"newsletter_id"`
		}](variables)
		if refusedWith != nil {
			return nil, refusedWith
		}
		n, err := s.world.Newsletter(asked.ID.String())
		switch {
		case err != nil:
			return nil, newsletterNotFound()
		case !follow && n.Role == world.RoleOwner:
			return nil, mexRefusal(http.StatusForbidden, "The owner of a channel cannot leave it")
		}
		if n, err = s.world.Follow(asked.ID, follow); err != nil {
			return nil, newsletterNotFound()
		}
		return mexData(name, describe(n, true))
	}
}

// newsletter gives posts out, and takes the wish to hear of changes.
func (s *Server) newsletter(_ context.Context, q *query) ([]binary.Node, *refused) {
	switch {
	case q.child.Tag == "messages" && !q.set:
		return s.newsletterPosts(q)
	case q.child.Tag == "live_updates" && q.set:
		if _, err := s.world.Newsletter(jidAttr(*q.node, "to").String()); err != nil {
			return nil, itemNotFound
		}
		return []binary.Node{{Tag: "live_updates", Attrs: binary.Attrs{"duration": liveSeconds}}}, nil
	default:
		return nil, notImplemented
	}
}

// newsletterPosts gives the newest posts, or those before a number, oldest first.
func (s *Server) newsletterPosts(q *query) ([]binary.Node, *refused) {
	n, err := s.world.Newsletter(attr(q.child, "jid"))
	if err != nil {
		return nil, itemNotFound
	}
	posts := n.Posts
	if before, err := strconv.Atoi(attr(q.child, "before")); err == nil {
		posts = slices.DeleteFunc(posts, func(p world.Post) bool { return p.ServerID >= before })
	}
	count, err := strconv.Atoi(attr(q.child, "count"))
	if err != nil || count < 1 {
		count = 20
	}
	nodes := []binary.Node{}
	for _, post := range posts[max(0, len(posts)-count):] {
		node := binary.Node{Tag: "message", Attrs: postAttrs(post)}
		plain, err := plaintext(post)
		if err != nil {
			s.log.Error("encode a post", "error", err)
			return nil, internalError
		}
		node.Content = []binary.Node{plain, reactionsNode(post)}
		nodes = append(nodes, node)
	}
	return []binary.Node{{Tag: "messages", Attrs: binary.Attrs{"jid": n.JID, "t": s.now().Unix()}, Content: nodes}}, nil
}

func postAttrs(post world.Post) binary.Attrs {
	return binary.Attrs{"id": post.ID, "server_id": post.ServerID, "t": post.Timestamp, "type": "text"}
}

func plaintext(post world.Post) (binary.Node, error) {
	encoded, err := proto.Marshal(&waE2E.Message{Conversation: proto.String(post.Text)})
	return binary.Node{Tag: "plaintext", Content: encoded}, err
}

func reactionsNode(post world.Post) binary.Node {
	counts := post.Counts()
	nodes := []binary.Node{}
	for _, emoji := range slices.Sorted(maps.Keys(counts)) {
		nodes = append(nodes, binary.Node{Tag: "reaction", Attrs: binary.Attrs{"code": emoji, "count": counts[emoji]}})
	}
	return binary.Node{Tag: "reactions", Content: nodes}
}

// Publish posts in a newsletter; companions get it if the account follows.
func (s *Server) Publish(jid types.JID, text string) (world.Post, error) {
	post, err := s.world.Publish(jid, text)
	if err != nil {
		return post, err
	}
	n, err := s.world.Newsletter(jid.String())
	if err != nil || !n.Follows() {
		return post, err
	}
	plain, err := plaintext(post)
	if err != nil {
		return post, err
	}
	attrs := postAttrs(post)
	attrs["from"] = jid
	s.Broadcast(0, binary.Node{Tag: "message", Attrs: attrs, Content: []binary.Node{plain}})
	return post, nil
}

// toNewsletter takes a reaction to a post, which is the one thing that a companion may say there, and gives the answer.
func (s *Server) toNewsletter(c *conn, node *binary.Node) binary.Node {
	refuse := func(code int) binary.Node {
		c.log.Warn("refused a message to a newsletter", "code", code, "stanza", node)
		return ackMessage(node, s.now(), code)
	}
	reaction, ok := node.GetOptionalChildByTag("reaction")
	serverID, err := strconv.Atoi(attr(*node, "server_id"))
	if !ok || attr(*node, "type") != "reaction" || err != nil {
		return refuse(notImplemented.code)
	}
	emoji := attr(reaction, "code")
	if withdrawn := attr(*node, "edit") == string(types.EditAttributeSenderRevoke); withdrawn != (emoji == "") {
		return refuse(badRequest.code)
	}
	if err := s.world.ReactToPost(jidAttr(*node, "to"), serverID, emoji); err != nil {
		return refuse(itemNotFound.code)
	}
	ack := ackMessage(node, s.now(), 0)
	ack.Attrs["server_id"] = serverID
	return ack
}
