package server

import (
	"context"
	"encoding/json"
	"net/http"

	"go.mau.fi/whatsmeow/binary"
)

// mexHandler answers one GraphQL query from its variables. A query is known by its number alone, which differs between
// libraries and versions for the same question.
type mexHandler func(variables json.RawMessage) (json.RawMessage, *mexError)

// mexError is an entry in the errors of a GraphQL answer.
type mexError struct {
	Message    string        `json:"message"`
	Extensions mexExtensions `json:"extensions"`
}

type mexExtensions struct {
	ErrorCode   int    `json:"error_code"`
	IsRetryable bool   `json:"is_retryable"`
	Severity    string `json:"severity"`
}

func mexRefusal(code int, message string) *mexError {
	return &mexError{Message: message, Extensions: mexExtensions{ErrorCode: code, Severity: "CRITICAL"}}
}

// mexTable is every query that is answered.
func (s *Server) mexTable() map[string]mexHandler {
	return map[string]mexHandler{
		// whatsmeow (user.go)
		"9152604461510864": s.aboutSet,
		// whatsmeow (newsletter.go) and Baileys (Types/Mex.js)
		"6563316087068696": s.newsletterInfo,
		// whatsmeow
		"6388546374527196": s.newslettersFollowed,
		"6234210096708695": s.newsletterCreate,
		"9926858900719341": s.newsletterFollow("xwa2_newsletter_follow", true),
		"6392786840836363": s.newsletterFollow("xwa2_newsletter_unfollow", false),
		// Baileys
		"8823471724422422":  s.newsletterCreate,
		"24404358912487870": s.newsletterFollow("xwa2_newsletter_join_v2", true),
		"9767147403369991":  s.newsletterFollow("xwa2_newsletter_leave_v2", false),
	}
}

// mex answers GraphQL queries. What it refuses, it refuses inside of a result, as GraphQL does.
func (s *Server) mex(_ context.Context, q *query) ([]binary.Node, *refused) {
	if q.child.Tag != "query" {
		return nil, badRequest
	}
	answer, known := s.mexQueries[attr(q.child, "query_id")]
	if !known {
		return nil, notImplemented
	}
	var request struct {
		Variables json.RawMessage `json:"variables"`
	}
	if err := json.Unmarshal(content(q.child), &request); err != nil {
		return nil, badRequest
	}
	var reply struct {
		Data   json.RawMessage `json:"data"`
		Errors []*mexError     `json:"errors,omitempty"`
	}
	var refusedWith *mexError
	if reply.Data, refusedWith = answer(request.Variables); refusedWith != nil {
		reply.Errors = []*mexError{refusedWith}
	}
	encoded, err := json.Marshal(reply)
	if err != nil {
		s.log.Error("encode a GraphQL answer", "error", err)
		return nil, internalError
	}
	return []binary.Node{{Tag: "result", Content: encoded}}, nil
}

// mexData is an answer with one value under its name.
func mexData[Value any](name string, value Value) (json.RawMessage, *mexError) {
	encoded, err := json.Marshal(map[string]Value{name: value})
	if err != nil {
		return nil, mexRefusal(http.StatusInternalServerError, "Internal Server Error")
	}
	return encoded, nil
}

// mexVariables reads the variables of a query.
func mexVariables[Variables any](given json.RawMessage) (Variables, *mexError) {
	var read Variables
	if err := json.Unmarshal(given, &read); err != nil {
		return read, mexRefusal(http.StatusBadRequest, "Bad Request")
	}
	return read, nil
}
