package fault_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

func TestAnErrorHasItsStatusAndSaysWhatToDo(t *testing.T) {
	made := fault.New(fault.ChatNotFound, "")
	if made.Status != http.StatusNotFound || made.Message == "" || made.Resolution == "" {
		t.Errorf("%+v", made)
	}
	if changed := made.WithStatus(http.StatusConflict); changed.Status != http.StatusConflict || made.Status != http.StatusNotFound {
		t.Error("a copy changed the original")
	}
	if named := fault.Argument("limit", "is 1 to 200"); named.Code != fault.InvalidArgument || named.Details.Argument != "limit" {
		t.Errorf("%+v", named)
	}
}

func TestTheCodeIsFoundThroughEveryWrapping(t *testing.T) {
	cause := errors.New("disk")
	err := fmt.Errorf("storing: %w", fault.Wrap(fault.DatabaseCorrupt, cause, ""))
	if fault.CodeOf(err) != fault.DatabaseCorrupt || !errors.Is(err, cause) || !errors.Is(err, fault.New(fault.DatabaseCorrupt, "")) {
		t.Errorf("%v", err)
	}
	if fault.CodeOf(cause) != fault.Internal || fault.CodeOf(nil) != "" {
		t.Error("errors without a code")
	}
}
