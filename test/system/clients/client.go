// What Go's net/http gets over HTTP/1.1 and h2c, one JSON line a case. client BASE_URL
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"strings"
	"time"
)

type seen struct {
	Case     string
	Status   int
	Length   int64
	Fields   http.Header
	Trailers http.Header
	Hints    []string
	Sha256   string
	Text     string
	Error    string
}

func main() {
	base := os.Args[1]
	for _, protocol := range []string{"h1", "h2c"} {
		transport := &http.Transport{DisableCompression: true, ExpectContinueTimeout: time.Second}
		protocols := new(http.Protocols)
		protocols.SetHTTP1(protocol == "h1")
		protocols.SetUnencryptedHTTP2(protocol == "h2c")
		transport.Protocols = protocols
		client := &http.Client{Transport: transport, Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		ask := func(name, method, path string, body io.Reader, set func(*http.Request)) {
			say(client, protocol+" "+name, method, base+path, body, set)
		}
		ask("get", "GET", "/echo?a=1&a=2", nil, func(r *http.Request) { r.Header["X-Dup"] = []string{"one", "two"}; r.Header.Set("X-Empty", "") })
		ask("post", "POST", "/echo", strings.NewReader(`{"a":1}`), nil)
		ask("streamed", "POST", "/echo", io.MultiReader(strings.NewReader("one"), strings.NewReader("two")), nil)
		ask("trailers", "POST", "/echo", io.MultiReader(strings.NewReader("body")), func(r *http.Request) { r.Trailer = http.Header{"X-Sent": {"after"}} })
		ask("expect", "PUT", "/echo", bytes.NewReader(make([]byte, 300000)), func(r *http.Request) { r.Header.Set("Expect", "100-continue") })
		ask("head", "HEAD", "/plain", nil, nil)
		ask("chunked", "GET", "/chunked", nil, nil)
		ask("fields", "GET", "/fields", nil, nil)
		ask("hints", "GET", "/hints", nil, nil)
		ask("no content", "GET", "/status/204", nil, nil)
		ask("not modified", "GET", "/status/304", nil, nil)
		ask("redirect", "GET", "/status/302", nil, nil)
		ask("gzip", "GET", "/gzip", nil, nil)
		ask("big", "GET", "/big", nil, nil)
	}
}

func say(client *http.Client, name, method, url string, body io.Reader, set func(*http.Request)) {
	what := seen{Case: name}
	trace := &httptrace.ClientTrace{Got1xxResponse: func(code int, fields textproto.MIMEHeader) error {
		if code != 100 {
			what.Hints = append(what.Hints, fmt.Sprint(code, " ", fields.Get("Link")))
		}
		return nil
	}}
	request, err := http.NewRequestWithContext(httptrace.WithClientTrace(context.Background(), trace), method, url, body)
	if err == nil && set != nil {
		set(request)
	}
	var response *http.Response
	if err == nil {
		response, err = client.Do(request)
	}
	if err != nil {
		what.Error = err.Error()
	} else {
		read(&what, response)
	}
	line, _ := json.Marshal(what)
	fmt.Println(string(line))
}

func read(what *seen, response *http.Response) {
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		what.Error = err.Error()
	}
	sum := sha256.Sum256(body)
	what.Status, what.Length, what.Fields, what.Trailers = response.StatusCode, response.ContentLength, response.Header, response.Trailer
	what.Sha256 = hex.EncodeToString(sum[:])
	if len(body) < 5000 {
		what.Text = string(body)
	}
}
