package main

import (
	"strings"
	"testing"
)

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
		case err != nil || settings.numberChecks != given.checks:
			t.Errorf("%+v: %d, %v", given, settings.numberChecks, err)
		}
	}
}
