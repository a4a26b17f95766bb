package main

import (
	"strings"
	"testing"

	"whatsapp-mcp/whatsapp-bridge/whatsapp"
)

func TestTheLimitsAreThoseOfTheDocumentsUnlessTheyAreSet(t *testing.T) {
	usual, err := readSettings(nil)
	if expected := (whatsapp.Limits{
		NumberChecksPerMinute: 3, SendsPerMinute: 12, SendsPerHour: 60, FirstContactsPerHour: 5, FirstContactsPerDay: 15,
	}); err != nil || usual.limits != expected {
		t.Errorf("%+v, %v", usual.limits, err)
	}
	t.Setenv("WHATSAPP_MCP_FIRST_CONTACTS_PER_DAY", "40")
	set, err := readSettings([]string{"--sends-per-minute", "0", "--sends-per-hour", "7"})
	if expected := (whatsapp.Limits{NumberChecksPerMinute: 3, SendsPerHour: 7, FirstContactsPerHour: 5, FirstContactsPerDay: 40}); err != nil ||
		set.limits != expected {
		t.Errorf("%+v, %v", set.limits, err)
	}
}

func TestTheNumberOfChecksIsSetByFlagOrEnvironment(t *testing.T) {
	const name = "WHATSAPP_MCP_NUMBER_CHECKS_PER_MINUTE"
	for _, given := range []struct {
		environment string
		arguments   []string
		checks      uint
		refused     string
	}{
		{"", nil, 3, ""},
		{"12", nil, 12, ""},
		{"12", []string{"--number-checks-per-minute", "0"}, 0, ""},
		{"many", nil, 0, name},
		{"-1", nil, 0, name},
		{"", []string{"--number-checks-per-minute", "-1"}, 0, "number-checks-per-minute"},
	} {
		t.Setenv(name, given.environment)
		settings, err := readSettings(given.arguments)
		switch {
		case given.refused != "":
			if err == nil || !strings.Contains(err.Error(), given.refused) {
				t.Errorf("%+v: %v", given, err)
			}
		case err != nil || settings.limits.NumberChecksPerMinute != given.checks:
			t.Errorf("%+v: %d, %v", given, settings.limits.NumberChecksPerMinute, err)
		}
	}
}

func TestRecipientsThatAreNotUnderstoodKeepTheBridgeFromStarting(t *testing.T) {
	const name = "WHATSAPP_MCP_ALLOWED_RECIPIENTS"
	if usual, err := readSettings(nil); err != nil || usual.recipients != nil {
		t.Errorf("%v, %v", usual.recipients, err)
	}
	t.Setenv(name, "+1 555 0100")
	if set, err := readSettings(nil); err != nil || len(set.recipients) != 1 {
		t.Errorf("%v, %v", set.recipients, err)
	}
	if given, err := readSettings([]string{"--allowed-recipients", "nobody"}); err != nil || given.recipients == nil || len(given.recipients) != 0 {
		t.Errorf("%v, %v", given.recipients, err)
	}
	for _, wrong := range []string{"", "Bob", "+1 555 0100,,"} {
		t.Setenv(name, wrong)
		if set, err := readSettings(nil); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%q: %v, %v", wrong, set.recipients, err)
		}
	}
}
