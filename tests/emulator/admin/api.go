// Package admin is the emulator's API for tests: it holds a QR code before the phone's camera, lets people speak, shows
// what they received, and makes things go wrong. Requests and answers are JSON; an error is {"error": "..."} with 4xx.
package admin

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"whatsapp-mcp/emulator/fault"
	"whatsapp-mcp/emulator/media"
	"whatsapp-mcp/emulator/noise"
	"whatsapp-mcp/emulator/phone"
	"whatsapp-mcp/emulator/residents"
	"whatsapp-mcp/emulator/server"
	"whatsapp-mcp/emulator/world"
)

// maxBody is the largest request in bytes.
const maxBody = 1 << 20

// API serves what it is made of.
type API struct {
	World    *world.World
	Identity *noise.Identity
	Server   *server.Server
	Phone    *phone.Phone
	Contacts *residents.Contacts
	Media    *media.Server
	Faults   *fault.Plan
	Log      *slog.Logger
}

// Handler is the whole surface of the emulator: WhatsApp's socket, what a client needs to trust it, and the API.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /ws/chat", a.Server)
	mux.HandleFunc("GET /root", a.root)
	mux.HandleFunc("GET /ca.pem", a.certificate)
	mux.HandleFunc("GET /media", a.mediaHost)
	mux.HandleFunc("GET /admin/world", answer(a, a.world))
	mux.HandleFunc("POST /admin/scan", answer(a, a.scan))
	mux.HandleFunc("POST /admin/type_code", answer(a, a.typeCode))
	mux.HandleFunc("GET /admin/devices", answer(a, a.devices))
	mux.HandleFunc("POST /admin/unlink", answer(a, a.unlink))
	mux.HandleFunc("POST /admin/say", answer(a, a.say))
	mux.HandleFunc("POST /admin/react", answer(a, a.react))
	mux.HandleFunc("POST /admin/edit", answer(a, a.edit))
	mux.HandleFunc("POST /admin/revoke", answer(a, a.revoke))
	mux.HandleFunc("POST /admin/expire", answer(a, a.expire))
	mux.HandleFunc("POST /admin/read", answer(a, a.read))
	mux.HandleFunc("POST /admin/phone/say", answer(a, a.phoneSay))
	mux.HandleFunc("POST /admin/phone/read", answer(a, a.phoneRead))
	mux.HandleFunc("POST /admin/phone/mark", answer(a, a.phoneMark))
	mux.HandleFunc("POST /admin/phone/block", answer(a, a.phoneBlock))
	mux.HandleFunc("POST /admin/phone/privacy", answer(a, a.phonePrivacy))
	mux.HandleFunc("GET /admin/profile", answer(a, a.profile))
	mux.HandleFunc("POST /admin/profile", answer(a, a.changeProfile))
	mux.HandleFunc("GET /admin/received", answer(a, a.received))
	mux.HandleFunc("GET /admin/phone", answer(a, a.phone))
	mux.HandleFunc("POST /admin/history", answer(a, a.pushHistory))
	mux.HandleFunc("GET /admin/history", answer(a, a.history))
	mux.HandleFunc("GET /admin/newsletters", answer(a, a.newsletters))
	mux.HandleFunc("POST /admin/newsletters/publish", answer(a, a.publish))
	mux.HandleFunc("POST /admin/newsletters/follow", answer(a, a.followNewsletter))
	mux.HandleFunc("POST /admin/fault", answer(a, a.fault))
	mux.HandleFunc("POST /admin/wait", answer(a, a.wait))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		a.fail(w, http.StatusNotFound, fmt.Errorf("there is no %s %s", r.Method, r.URL.Path))
	})
	return mux
}

func (a *API) root(w http.ResponseWriter, _ *http.Request) {
	root := a.Identity.Root()
	a.text(w, hex.EncodeToString(root[:]))
}

func (a *API) certificate(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/x-pem-file")
	a.write(w, a.Media.CA())
}

func (a *API) mediaHost(w http.ResponseWriter, _ *http.Request) {
	a.text(w, a.Media.Addr())
}

func (a *API) text(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	a.write(w, []byte(text))
}

func (a *API) write(w io.Writer, body []byte) {
	if _, err := w.Write(body); err != nil {
		a.Log.Debug("answer an admin request", "error", err)
	}
}

// none is the answer that says nothing but yes.
type none struct{}

// answer turns a function into a handler: its request type is the body of a POST, and its result the answer.
func answer[Request, Response any](a *API, do func(*http.Request, Request) (Response, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var request Request
		if r.Method == http.MethodPost {
			if err := decode(w, r, &request); err != nil {
				a.fail(w, http.StatusBadRequest, err)
				return
			}
		}
		response, err := do(r, request)
		if err != nil {
			a.fail(w, status(err), err)
			return
		}
		writeJSON(a, w, http.StatusOK, response)
	}
}

func decode[Request any](w http.ResponseWriter, r *http.Request, request *Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return fmt.Errorf("read the request: %w", err)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(request); err != nil {
		return fmt.Errorf("the request is not the JSON that this operation takes: %w", err)
	}
	return nil
}

// status is 404 for what is not there, 409 for what cannot be now, and 400 for the rest.
func status(err error) int {
	switch {
	case errors.Is(err, world.ErrUnknownPerson), errors.Is(err, world.ErrUnknownChat), errors.Is(err, world.ErrUnknownMessage),
		errors.Is(err, world.ErrUnknownNewsletter), errors.Is(err, errNoDevice):
		return http.StatusNotFound
	case errors.Is(err, server.ErrNotWaiting), errors.Is(err, server.ErrPasskey), errors.Is(err, server.ErrTooMany),
		errors.Is(err, errDeadline), errors.Is(err, server.ErrNoCode), errors.Is(err, phone.ErrWrongCode):
		return http.StatusConflict
	default:
		return http.StatusBadRequest
	}
}

func (a *API) fail(w http.ResponseWriter, code int, err error) {
	type failure struct {
		Error string `json:"error"`
	}
	writeJSON(a, w, code, failure{Error: err.Error()})
}

func writeJSON[Body any](a *API, w http.ResponseWriter, code int, body Body) {
	encoded, err := json.Marshal(body)
	if err != nil {
		a.Log.Error("encode an answer", "error", err)
		http.Error(w, `{"error":"the answer could not be encoded"}`, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	a.write(w, append(encoded, '\n'))
}
