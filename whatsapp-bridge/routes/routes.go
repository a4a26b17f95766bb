// Package routes is the bridge's HTTP side: the table of routes, what every request must show before it is heard, and
// one file per noun that turns requests into calls and results into JSON.
package routes

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
	"whatsapp-mcp/whatsapp-bridge/whatsapp"
)

const (
	bodyLimit  = 1 << 20
	batchLimit = 16 << 20

	readHeaderTime = 5 * time.Second
	readTime       = 30 * time.Second
	// An answer may take as long as a community's groups need to be marked read one by one.
	writeTime = 5 * time.Minute
	idleTime  = 2 * time.Minute
)

// Options are what a Server needs. Port is the one it listens on; Contract is the text of openapi.json.
type Options struct {
	Store    *store.Store
	WhatsApp *whatsapp.Client
	Token    Token
	Port     int
	Contract []byte
	Log      *slog.Logger
}

// Server answers the bridge's callers.
type Server struct {
	store    *store.Store
	whatsapp *whatsapp.Client
	token    Token
	port     int
	contract *contract
	log      *slog.Logger
}

// route is one row of the table. Method and path stand in openapi.json just so.
type route struct {
	method string
	path   string
	limit  int64
	handle http.HandlerFunc
}

// checks is what is held against openapi.json before the handler is asked.
func (r route) checks() checks {
	if r.limit == batchLimit {
		return allButBody
	}
	return everything
}

func (s *Server) table() []route {
	return []route{
		{http.MethodGet, healthPath, bodyLimit, answer(s, s.health)},
		{http.MethodGet, "/api/status", bodyLimit, answer(s, s.status)},
		{http.MethodGet, "/api/pairing", bodyLimit, answer(s, s.pairing)},
		{http.MethodPost, "/api/pairing", bodyLimit, answer(s, s.pair)},
		{http.MethodGet, "/api/pairing/qr.png", bodyLimit, s.pairingPicture},
		{http.MethodPost, "/api/pairing/code", bodyLimit, answer(s, s.pairByCode)},
		{http.MethodPost, "/api/messages/text", bodyLimit, answer(s, s.sendText)},
		{http.MethodPost, "/api/messages/media", bodyLimit, answer(s, s.sendMedia)},
		{http.MethodPost, "/api/messages/voice", bodyLimit, answer(s, s.sendVoice)},
		{http.MethodPost, "/api/messages/sticker", bodyLimit, answer(s, s.sendSticker)},
		{http.MethodPost, "/api/messages/contact", bodyLimit, answer(s, s.sendCard)},
		{http.MethodPost, "/api/messages/location", bodyLimit, answer(s, s.sendLocation)},
		{http.MethodPost, "/api/messages/{message_id}/download", bodyLimit, answer(s, s.downloadMedia)},
		{http.MethodGet, "/api/messages", bodyLimit, answer(s, s.listMessages)},
		{http.MethodGet, "/api/messages/{message_id}/context", bodyLimit, answer(s, s.messageContext)},
		{http.MethodPost, "/api/messages/{message_id}/reaction", bodyLimit, answer(s, s.react)},
		{http.MethodPost, "/api/messages/{message_id}/edit", bodyLimit, answer(s, s.editMessage)},
		{http.MethodPost, "/api/messages/{message_id}/revoke", bodyLimit, answer(s, s.revokeMessage)},
		{http.MethodPost, "/api/messages/{message_id}/forward", bodyLimit, answer(s, s.forwardMessage)},
		{http.MethodPost, "/api/messages/read", bodyLimit, answer(s, s.markMessagesRead)},
		{http.MethodGet, "/api/chats", bodyLimit, answer(s, s.listChats)},
		{http.MethodGet, "/api/chats/{chat_jid}", bodyLimit, answer(s, s.findChat)},
		{http.MethodPost, "/api/chats/{chat_jid}/read", bodyLimit, answer(s, s.markChatRead)},
		{http.MethodGet, "/api/chats/{chat_jid}/metadata", bodyLimit, answer(s, s.chatMetadata)},
		{http.MethodPost, "/api/chats/{chat_jid}/archive", bodyLimit, answer(s, s.archive(true))},
		{http.MethodPost, "/api/chats/{chat_jid}/unarchive", bodyLimit, answer(s, s.archive(false))},
		{http.MethodPost, "/api/chats/{chat_jid}/pin", bodyLimit, answer(s, s.pin(true))},
		{http.MethodPost, "/api/chats/{chat_jid}/unpin", bodyLimit, answer(s, s.pin(false))},
		{http.MethodPost, "/api/chats/{chat_jid}/mute", bodyLimit, answer(s, s.mute)},
		{http.MethodPost, "/api/chats/{chat_jid}/unmute", bodyLimit, answer(s, s.unmute)},
		{http.MethodGet, "/api/contacts", bodyLimit, answer(s, s.searchContacts)},
		{http.MethodGet, "/api/contacts/{contact_jid}", bodyLimit, answer(s, s.contactDetails)},
		{http.MethodGet, "/api/contacts/{contact_jid}/about", bodyLimit, answer(s, s.contactAbout)},
		{http.MethodGet, "/api/contacts/{contact_jid}/picture", bodyLimit, answer(s, s.contactPicture)},
		{http.MethodGet, "/api/contacts/{contact_jid}/chat", bodyLimit, answer(s, s.directChat)},
		{http.MethodGet, "/api/contacts/{contact_jid}/chats", bodyLimit, answer(s, s.contactChats)},
		{http.MethodGet, "/api/contacts/{contact_jid}/last-interaction", bodyLimit, answer(s, s.lastInteraction)},
		{http.MethodGet, "/api/numbers/{phone}", bodyLimit, answer(s, s.checkNumber)},
		{http.MethodPost, "/api/profile/about", bodyLimit, answer(s, s.setAbout)},
		{http.MethodPost, "/api/profile/picture", bodyLimit, answer(s, s.setPicture)},
		{http.MethodGet, "/api/devices", bodyLimit, answer(s, s.linkedDevices)},
		{http.MethodGet, "/api/newsletters", bodyLimit, answer(s, s.newsletter)},
		{http.MethodPost, "/api/newsletters", bodyLimit, answer(s, s.createNewsletter)},
		{http.MethodPost, "/api/newsletters/follow", bodyLimit, answer(s, s.followNewsletter)},
		{http.MethodPost, "/api/newsletters/unfollow", bodyLimit, answer(s, s.unfollowNewsletter)},
		{http.MethodPost, "/api/newsletters/reactions", bodyLimit, answer(s, s.reactToPost)},
		{http.MethodGet, "/api/resolve/{chat_jid}", bodyLimit, answer(s, s.resolve)},
		{http.MethodGet, "/api/business/{contact_jid}/profile", bodyLimit, answer(s, s.businessProfile)},
		{http.MethodGet, "/api/statistics", bodyLimit, answer(s, s.statistics)},
		{http.MethodGet, "/api/integrity", bodyLimit, answer(s, s.integrity)},
		{http.MethodGet, "/api/communities", bodyLimit, answer(s, s.listCommunities)},
		{http.MethodGet, "/api/communities/{community_jid}/groups", bodyLimit, answer(s, s.communityGroups)},
		{http.MethodPost, "/api/communities/{community_jid}/read", bodyLimit, answer(s, s.markCommunityRead)},
		{http.MethodGet, "/api/blocklist", bodyLimit, answer(s, s.blocklist)},
		{http.MethodPost, "/api/blocklist/block", bodyLimit, answer(s, s.block(true))},
		{http.MethodPost, "/api/blocklist/unblock", bodyLimit, answer(s, s.block(false))},
		{http.MethodGet, "/api/privacy", bodyLimit, answer(s, s.privacy)},
		{http.MethodPost, "/api/privacy/last-seen", bodyLimit, answer(s, s.setPrivacy(whatsapp.LastSeen))},
		{http.MethodPost, "/api/privacy/profile-picture", bodyLimit, answer(s, s.setPrivacy(whatsapp.ProfilePicture))},
		{http.MethodPost, "/api/privacy/about", bodyLimit, answer(s, s.setPrivacy(whatsapp.About))},
		{http.MethodPost, "/api/privacy/online", bodyLimit, answer(s, s.setPrivacy(whatsapp.Online))},
		{http.MethodGet, "/api/history/status", bodyLimit, answer(s, s.historyStatus)},
		{http.MethodPost, "/api/history", bodyLimit, answer(s, s.retrieveHistory)},
		{http.MethodPost, "/api/history/chats/{chat_jid}", bodyLimit, answer(s, s.fetchHistory)},
		{http.MethodGet, "/api/history/chats/{chat_jid}", bodyLimit, answer(s, s.chatHistory)},
		{http.MethodPost, "/api/history/chats/{chat_jid}/cancel", bodyLimit, answer(s, s.cancelHistory)},
		{http.MethodGet, "/api/history/checkpoints", bodyLimit, answer(s, s.checkpoints)},
		{http.MethodGet, "/api/history/checkpoints/{chat_jid}", bodyLimit, answer(s, s.checkpoint)},
		{http.MethodGet, "/api/history/anchors/{chat_jid}", bodyLimit, answer(s, s.anchor)},
		{http.MethodGet, "/api/history/watermarks/{source}", bodyLimit, answer(s, s.watermark)},
		{http.MethodPost, "/api/history/batches", batchLimit, answer(s, s.applyBatch)},
	}
}

// New builds the server, which still has to be given a listener: see Serve of http.Server.
func New(options Options) (*http.Server, error) {
	contract, err := loadContract(options.Contract)
	if err != nil {
		return nil, err
	}
	s := &Server{
		store: options.Store, whatsapp: options.WhatsApp, token: options.Token, port: options.Port,
		contract: contract, log: options.Log,
	}
	handler, err := s.handler()
	if err != nil {
		return nil, err
	}
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: readHeaderTime, ReadTimeout: readTime, WriteTimeout: writeTime,
		IdleTimeout: idleTime, MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(options.Log.Handler(), slog.LevelWarn),
	}, nil
}

func (s *Server) handler() (http.Handler, error) {
	mux := http.NewServeMux()
	methods := map[string][]string{}
	for _, row := range s.table() {
		operation, err := s.contract.operation(row.method, row.path)
		if err != nil {
			return nil, err
		}
		mux.Handle(row.method+" "+row.path, s.checked(operation, row))
		methods[row.path] = append(methods[row.path], row.method)
	}
	// A path whose method fits no row falls through to the path alone.
	for path, allowed := range methods {
		mux.HandleFunc(path, s.wrongMethod(strings.Join(allowed, ", ")))
	}
	mux.HandleFunc("/", s.noRoute)
	return s.harden(s.guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !tidy(r) {
			s.noRoute(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}))), nil
}

// harden sets what every answer carries, and turns a panic into an error of one request.
func (s *Server) harden(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		defer func() {
			if problem := recover(); problem != nil {
				s.fail(w, r, fmt.Errorf("a handler panicked: %v", problem))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func (s *Server) noRoute(w http.ResponseWriter, r *http.Request) {
	s.fail(w, r, fault.New(fault.InvalidArgument, "There is no such route.").
		WithStatus(http.StatusNotFound).WithResolution("Look the route up in openapi.json."))
}

func (s *Server) wrongMethod(allowed string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", allowed)
		s.fail(w, r, fault.New(fault.InvalidArgument, "This route does not take "+r.Method+".").
			WithStatus(http.StatusMethodNotAllowed).WithResolution("Use "+allowed+"."))
	}
}
