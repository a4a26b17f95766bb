package routes

import (
	"slices"
	"testing"
)

func TestEveryOperationOfTheContractHasARouteAndTheOtherWayRound(t *testing.T) {
	contract, err := loadContract(contractText(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := contract.document.Validate(t.Context()); err != nil {
		t.Errorf("openapi.json is not valid: %v", err)
	}
	var said, routed []string
	for path, item := range contract.document.Paths.Map() {
		for method := range item.Operations() {
			said = append(said, method+" "+path)
		}
	}
	for _, row := range (&Server{contract: contract}).table() {
		routed = append(routed, row.method+" "+row.path)
	}
	slices.Sort(said)
	slices.Sort(routed)
	if !slices.Equal(said, routed) {
		t.Errorf("the contract says %v,\nthe table says %v", said, routed)
	}
}
