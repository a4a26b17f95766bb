// Package scenarios holds the worlds that come with the emulator.
package scenarios

import _ "embed"

// Demo is a lively neighbourhood: what make demo and the end-to-end tests run on, and the emulator's default.
// Its shape is that of world.Scenario.
//
//go:embed demo.json
var Demo []byte
