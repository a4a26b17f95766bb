package fault

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
)

func TestAnErrorHasItsStatusAndSaysWhatToDo(t *testing.T) {
	made := New(ChatNotFound, "")
	if made.Status != http.StatusNotFound || made.Message == "" || made.Resolution == "" {
		t.Errorf("%+v", made)
	}
	if changed := made.WithStatus(http.StatusConflict); changed.Status != http.StatusConflict || made.Status != http.StatusNotFound {
		t.Error("a copy changed the original")
	}
	if named := Argument("limit", "is 1 to 200"); named.Code != InvalidArgument || named.Details.Argument != "limit" {
		t.Errorf("%+v", named)
	}
}

func TestTheCodeIsFoundThroughEveryWrapping(t *testing.T) {
	cause := errors.New("disk")
	err := fmt.Errorf("storing: %w", Wrap(DatabaseCorrupt, cause, ""))
	if CodeOf(err) != DatabaseCorrupt || !errors.Is(err, cause) || !errors.Is(err, New(DatabaseCorrupt, "")) {
		t.Errorf("%v", err)
	}
	if CodeOf(cause) != Internal || CodeOf(nil) != "" {
		t.Error("errors without a code")
	}
}
