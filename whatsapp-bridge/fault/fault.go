// Package fault says what can go wrong: one error type with the code that programs and documents refer to, its HTTP
// status, and the sentence that says what to do next.
package fault

import (
	"errors"
	"fmt"
)

// Error is an error that may cross the bridge's walls. An empty Message or Resolution is filled from the registry, and
// a Status of 0 means the code's own.
type Error struct {
	Code       Code
	Message    string
	Details    Details
	Resolution string
	Status     int
	cause      error
}

// Details are the facts beside an error's sentence. What is empty is left out.
type Details struct {
	Argument   string      `json:"argument,omitempty"`
	Problem    string      `json:"problem,omitempty"`
	Candidates []Candidate `json:"candidates,omitempty"`
	Chats      []Candidate `json:"chats,omitempty"`
	Watermark  *int64      `json:"watermark,omitempty"`
	RetryAfter int         `json:"retry_after_s,omitempty"`
	Expected   int         `json:"expected,omitempty"`
	Found      int         `json:"found,omitempty"`
}

// Candidate is one of several chats that a question fits.
type Candidate struct {
	JID  string `json:"jid"`
	Name string `json:"name"`
}

// New makes an error of the code. An empty message stands for the code's meaning.
func New(code Code, message string) *Error {
	if message == "" {
		message = registry[code].meaning
	}
	return &Error{Code: code, Message: message, Resolution: registry[code].cure, Status: registry[code].status}
}

// Wrap makes an error of the code that keeps its cause for the log. The cause is not shown to callers.
func Wrap(code Code, cause error, message string) *Error {
	made := New(code, message)
	made.cause = cause
	return made
}

// Argument makes an INVALID_ARGUMENT that names the argument and what is wrong with it.
func Argument(name, problem string) *Error {
	made := New(InvalidArgument, name+": "+problem)
	made.Details = Details{Argument: name, Problem: problem}
	return made
}

// WithDetails returns a copy with the details.
func (e *Error) WithDetails(details Details) *Error {
	made := *e
	made.Details = details
	return &made
}

// WithResolution returns a copy with another way out than the registry's.
func (e *Error) WithResolution(resolution string) *Error {
	made := *e
	made.Resolution = resolution
	return &made
}

// WithStatus returns a copy with another HTTP status than the code's own.
func (e *Error) WithStatus(status int) *Error {
	made := *e
	made.Status = status
	return &made
}

// Error gives the code and the message, and the cause where there is one.
func (e *Error) Error() string {
	if e.cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.cause)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is tells whether the target is an Error of the same code.
func (e *Error) Is(target error) bool {
	var other *Error
	return errors.As(target, &other) && other.Code == e.Code
}

// From finds the Error in err; any other error becomes INTERNAL with err as its cause.
func From(err error) *Error {
	var found *Error
	if errors.As(err, &found) {
		return found
	}
	return Wrap(Internal, err, "")
}

// CodeOf gives the code of err, INTERNAL for an error without one, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	return From(err).Code
}
