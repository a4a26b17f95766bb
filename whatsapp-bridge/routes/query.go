package routes

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"whatsapp-mcp/whatsapp-bridge/fault"
	"whatsapp-mcp/whatsapp-bridge/store"
)

// query reads a request's query with its types and bounds, and keeps the first thing that is wrong.
type query struct {
	values  url.Values
	problem error
}

func queryOf(r *http.Request) *query { return &query{values: r.URL.Query()} }

func (q *query) refuse(name, problem string) {
	if q.problem == nil {
		q.problem = fault.Argument(name, problem)
	}
}

func (q *query) text(name string) string { return q.values.Get(name) }

func (q *query) given(name string) bool { return q.values.Get(name) != "" }

func (q *query) number(name string, missing, least, most int) int {
	if !q.given(name) {
		return missing
	}
	number, err := strconv.Atoi(q.values.Get(name))
	if err != nil {
		q.refuse(name, "must be a whole number")
		return missing
	}
	if number < least || number > most {
		q.refuse(name, "must be "+strconv.Itoa(least)+" to "+strconv.Itoa(most))
		return missing
	}
	return number
}

func (q *query) flag(name string, missing bool) bool {
	switch q.values.Get(name) {
	case "":
		return missing
	case "true":
		return true
	case "false":
		return false
	}
	q.refuse(name, "must be true or false")
	return missing
}

func (q *query) choice(name string, choices ...string) string {
	given := q.values.Get(name)
	if given == "" {
		return choices[0]
	}
	for _, choice := range choices {
		if given == choice {
			return choice
		}
	}
	q.refuse(name, "has a value that is not allowed here")
	return choices[0]
}

// clock reads a time: RFC 3339 with its zone, or a date, which is that day's start where the bridge runs.
func (q *query) clock(name string) store.Time {
	given := q.values.Get(name)
	if given == "" {
		return 0
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateTime, time.DateOnly} {
		if at, err := time.ParseInLocation(layout, given, time.Local); err == nil {
			return store.Time(at.Unix())
		}
	}
	q.refuse(name, "must be a time such as 2026-03-08T18:00:00Z")
	return 0
}

// decode reads a body into a struct. It was checked against openapi.json already; what that lets through and the
// struct does not know is refused here.
func decode[Body any](r *http.Request) (Body, error) {
	var body Body
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&body)
	if err == nil {
		_, err = decoder.Token()
	}
	if err == nil || !errors.Is(err, io.EOF) {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) && wrong.Field != "" {
			return body, fault.Argument(wrong.Field, "is of the wrong type")
		}
		return body, fault.Argument("body", "is not one JSON object of the fields that are known here")
	}
	return body, nil
}
