package routes

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"whatsapp-mcp/whatsapp-bridge/fault"
)

// contract is openapi.json: what every request is checked against before a handler sees it.
type contract struct {
	document *openapi3.T
	options  map[checks]*openapi3filter.Options
}

// checks are the parts of a request that are held against openapi.json.
type checks int

const (
	everything checks = iota
	// allButBody is for batches of rows, whose check would take longer than writing them: decoding knows their types, and
	// the store refuses row by row what cannot be.
	allButBody
)

func loadContract(document []byte) (*contract, error) {
	loaded, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return nil, fmt.Errorf("reading openapi.json: %w", err)
	}
	options := map[checks]*openapi3filter.Options{}
	for _, which := range []checks{everything, allButBody} {
		options[which] = &openapi3filter.Options{
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, SkipSettingDefaults: true,
			ExcludeRequestBody: which == allButBody,
		}
	}
	return &contract{document: loaded, options: options}, nil
}

// operation finds what openapi.json says of a route.
func (c *contract) operation(method, path string) (*routers.Route, error) {
	item := c.document.Paths.Value(path)
	if item == nil || item.GetOperation(method) == nil {
		return nil, fmt.Errorf("openapi.json has no %s %s", method, path)
	}
	return &routers.Route{
		Spec: c.document, Path: path, PathItem: item, Method: method, Operation: item.GetOperation(method),
	}, nil
}

// checked reads the body, checks the whole request, and only then calls the handler.
func (s *Server) checked(operation *routers.Route, row route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := readBody(w, r, row.limit)
		if err == nil {
			r.Body = io.NopCloser(bytes.NewReader(body))
			err = s.contract.check(operation, r, row.checks())
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		row.handle(w, r)
	})
}

func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, fault.Argument("body", fmt.Sprintf("is larger than %d bytes", limit)).
			WithStatus(http.StatusRequestEntityTooLarge)
	}
	if err != nil {
		return nil, fault.Wrap(fault.InvalidArgument, err, "The request's body could not be read.")
	}
	if len(body) > 0 || r.Method == http.MethodPost {
		kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || kind != "application/json" {
			return nil, fault.Argument("Content-Type", "must be application/json").
				WithStatus(http.StatusUnsupportedMediaType)
		}
		r.Header.Set("Content-Type", kind)
	}
	return body, nil
}

func (c *contract) check(route *routers.Route, r *http.Request, which checks) error {
	known := map[string]bool{}
	values := map[string]string{}
	for _, parameter := range route.Operation.Parameters {
		known[parameter.Value.In+" "+parameter.Value.Name] = true
		if parameter.Value.In == openapi3.ParameterInPath {
			values[parameter.Value.Name] = r.PathValue(parameter.Value.Name)
		}
	}
	query := r.URL.Query()
	for name, given := range query {
		switch {
		case !known["query "+name]:
			return fault.Argument(name, "is not known here")
		case len(given) > 1:
			return fault.Argument(name, "is given more than once")
		}
	}
	err := openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
		Request: r, PathParams: values, QueryParams: query, Route: route, Options: c.options[which],
	})
	if err != nil {
		return explain(err)
	}
	return nil
}

// explain turns the validator's error into ours: the argument's name and what is wrong with it.
func explain(err error) error {
	var refused *openapi3filter.RequestError
	if !errors.As(err, &refused) {
		return fault.Wrap(fault.Internal, err, "")
	}
	name := "body"
	if refused.Parameter != nil {
		name = refused.Parameter.Name
	}
	var mismatch *openapi3.SchemaError
	if errors.As(refused.Err, &mismatch) {
		if inner := place(mismatch); inner != "" {
			name = inner
		}
		return fault.Argument(name, problem(mismatch))
	}
	switch {
	case errors.Is(refused.Err, openapi3filter.ErrInvalidRequired):
		return fault.Argument(name, "is missing")
	case errors.Is(refused.Err, openapi3filter.ErrInvalidEmptyValue):
		return fault.Argument(name, "is empty")
	case refused.Parameter != nil && refused.Parameter.Schema != nil:
		return fault.Argument(name, "must be "+typeOf(refused.Parameter.Schema.Value))
	}
	return fault.Argument(name, "is not a JSON object")
}

// place gives the path of the value inside a body. Of a field that is not known, only the reason holds the name.
func place(mismatch *openapi3.SchemaError) string {
	inner := mismatch.JSONPointer()
	if mismatch.SchemaField == "properties" {
		if quoted := strings.SplitN(mismatch.Reason, `"`, 3); len(quoted) == 3 {
			inner = append(inner, quoted[1])
		}
	}
	return strings.Join(inner, ".")
}

func problem(mismatch *openapi3.SchemaError) string {
	schema := mismatch.Schema
	switch mismatch.SchemaField {
	case "required":
		return "is missing"
	case "properties", "additionalProperties":
		return "is not known here"
	case "type":
		return "must be " + typeOf(schema)
	case "minimum", "exclusiveMinimum":
		return fmt.Sprintf("must be at least %v", *schema.Min)
	case "maximum", "exclusiveMaximum":
		return fmt.Sprintf("must be at most %v", *schema.Max)
	case "minLength":
		return fmt.Sprintf("must have at least %d characters", schema.MinLength)
	case "maxLength":
		return fmt.Sprintf("must have at most %d characters", *schema.MaxLength)
	case "maxItems":
		return fmt.Sprintf("must have at most %d entries", *schema.MaxItems)
	case "enum":
		return fmt.Sprintf("must be one of %s", choices(schema))
	case "pattern":
		return fmt.Sprintf("must look like %v", firstExample(schema))
	}
	return "has a value that is not allowed here"
}

func firstExample(schema *openapi3.Schema) string {
	if schema.Example != nil {
		return fmt.Sprint(schema.Example)
	}
	return schema.Pattern
}

func choices(schema *openapi3.Schema) string {
	names := make([]string, 0, len(schema.Enum))
	for _, choice := range schema.Enum {
		names = append(names, fmt.Sprint(choice))
	}
	return strings.Join(names, ", ")
}

func typeOf(schema *openapi3.Schema) string {
	switch {
	case schema == nil || schema.Type == nil:
		return "of another type"
	case schema.Type.Is("integer"):
		return "a whole number"
	case schema.Type.Is("boolean"):
		return "true or false"
	case schema.Type.Is("string"):
		return "a text"
	}
	return "of the type " + strings.Join(schema.Type.Slice(), " or ")
}

// tidy tells whether a path is written as it would be linked; the standard multiplexer redirects others.
func tidy(r *http.Request) bool {
	escaped := r.URL.EscapedPath()
	return escaped == "/" || path.Clean(escaped) == escaped
}
