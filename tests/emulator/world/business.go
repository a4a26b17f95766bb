package world

// Business is what a business account shows.
type Business struct {
	Description string         `json:"description,omitempty"`
	Categories  []string       `json:"categories,omitempty"`
	Address     string         `json:"address,omitempty"`
	Email       string         `json:"email,omitempty"`
	Websites    []string       `json:"websites,omitempty"`
	Timezone    string         `json:"timezone,omitempty"`
	Hours       []OpeningHours `json:"hours,omitempty"`
	// Catalog is empty for a business that sells nothing here.
	Catalog []Product `json:"catalog,omitempty"`
}

// OpeningHours are those of one day ("mon" to "sun"). Mode is specific_hours, open_24h or appointment_only; the times, in
// minutes since midnight, belong to the first.
type OpeningHours struct {
	Day    string `json:"day"`
	Mode   string `json:"mode"`
	Opens  int    `json:"opens,omitempty"`
	Closes int    `json:"closes,omitempty"`
}

// Product is one thing in a catalog. Price counts thousandths of the currency; a product may have none. Availability is
// "in stock" unless told otherwise.
type Product struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	Description  string   `json:"description,omitempty"`
	Price        int      `json:"price,omitempty"`
	Currency     string   `json:"currency,omitempty"`
	Availability string   `json:"availability,omitempty"`
	URL          string   `json:"url,omitempty"`
	RetailerID   string   `json:"retailer_id,omitempty"`
	Images       []string `json:"images,omitempty"`
}
