package routes

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// errorReply is the one shape of every error.
type errorReply struct {
	Success    bool          `json:"success"`
	Code       fault.Code    `json:"error_code"`
	Message    string        `json:"message"`
	Details    fault.Details `json:"details"`
	Resolution string        `json:"resolution"`
}

// answer makes a handler of a function that gives the result or an error.
func answer[Result any](s *Server, find func(*http.Request) (Result, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		result, err := find(r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		write(s, w, http.StatusOK, result)
	}
}

// fail answers with the error. Causes go to the log alone.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	failure := fault.From(err)
	if failure.Status >= http.StatusInternalServerError {
		level := slog.LevelWarn
		if failure.Code == fault.Internal {
			level = slog.LevelError
		}
		s.log.Log(r.Context(), level, "request failed", "method", r.Method, "route", r.Pattern, "code", failure.Code, "error", err)
	}
	if failure.Details.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(failure.Details.RetryAfter))
	}
	write(s, w, failure.Status, errorReply{
		Code: failure.Code, Message: failure.Message, Details: failure.Details, Resolution: failure.Resolution,
	})
}

func write[Result any](s *Server, w http.ResponseWriter, status int, result Result) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(result); err != nil {
		s.log.Error("the answer could not be encoded", "error", err)
		http.Error(w, `{"success":false,"error_code":"INTERNAL","message":"The answer could not be encoded.","details":{},`+
			`"resolution":"Try again; the log has the cause."}`, http.StatusInternalServerError)
		return
	}
	send(s, w, status, "application/json", body.Bytes())
}

func send(s *Server, w http.ResponseWriter, status int, kind string, body []byte) {
	header := w.Header()
	header.Set("Content-Type", kind)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		s.log.Debug("the caller went away", "error", err)
	}
}

// clock is a time as every answer shows it: RFC 3339, UTC, whole seconds; nothing where it is not known.
func clock(at time.Time) string {
	if at.IsZero() || at.Unix() <= 0 {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}
