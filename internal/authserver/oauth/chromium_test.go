//go:build unix

package oauth_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"
)

// chromium drives a headless Chromium through its DevTools protocol over a pipe, which needs no library and
// no port. Messages are JSON, each ended by a NUL; one goes out and its answer is awaited before the next.
type chromium struct {
	t       *testing.T
	in      io.Writer
	out     *bufio.Reader
	session string
	last    int
	console []string // what pages wrote to the console, refusals of the content policy among it
}

// patience bounds the wait for anything that the browser does.
const patience = 60 * time.Second

// newChromium starts a browser with one empty page. Without a browser the test is skipped, in CI it fails.
func newChromium(t *testing.T) *chromium {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("chromium must be installed in CI: ", err)
		}
		t.Skip("needs chromium: ", err)
	}
	commands, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, events, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	process := exec.Command(path, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--no-first-run", "--remote-debugging-pipe", "--user-data-dir="+t.TempDir(), "about:blank")
	process.ExtraFiles = []*os.File{commands, events}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(commands.Close(), events.Close(), out.SetReadDeadline(time.Now().Add(2*patience))); err != nil {
		t.Fatal(err)
	}
	c := &chromium{t: t, in: in, out: bufio.NewReader(out)}
	t.Cleanup(func() {
		c.call("Browser.close", nil)
		if err := process.Wait(); err != nil {
			t.Logf("chromium: %v", err)
		}
		in.Close()
		out.Close()
	})
	c.attach()
	return c
}

func (c *chromium) attach() {
	c.t.Helper()
	target := c.call("Target.createTarget", map[string]any{"url": "about:blank"})["targetId"]
	session, _ := c.call("Target.attachToTarget", map[string]any{"targetId": target, "flatten": true})["sessionId"].(string)
	c.session = session
	for _, domain := range []string{"Page", "Runtime", "Log"} {
		c.call(domain+".enable", nil)
	}
}

// call sends one command and returns its result.
func (c *chromium) call(method string, params map[string]any) map[string]any {
	c.t.Helper()
	c.last++
	command := map[string]any{"id": c.last, "method": method, "params": params}
	if params == nil {
		command["params"] = map[string]any{}
	}
	if c.session != "" && method != "Browser.close" {
		command["sessionId"] = c.session
	}
	encoded, err := json.Marshal(command)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.in.Write(append(encoded, 0)); err != nil {
		c.t.Fatal(err)
	}
	for {
		message := c.read()
		if message.ID == c.last {
			if message.Error != nil {
				c.t.Fatalf("%s: %v", method, message.Error)
			}
			return message.Result
		}
	}
}

type message struct {
	ID     int
	Method string
	Result map[string]any
	Error  any
	Params struct {
		Entry struct{ Text string }
	}
}

func (c *chromium) read() message {
	c.t.Helper()
	line, err := c.out.ReadBytes(0)
	if err != nil {
		c.t.Fatal(err)
	}
	var m message
	if err := json.Unmarshal(line[:len(line)-1], &m); err != nil {
		c.t.Fatal(err)
	}
	if m.Method == "Log.entryAdded" {
		c.console = append(c.console, m.Params.Entry.Text)
	}
	return m
}

// open navigates and waits until the page is complete.
func (c *chromium) open(url string) {
	c.t.Helper()
	c.call("Page.navigate", map[string]any{"url": url})
	c.await("complete", `document.readyState`)
}

// eval evaluates an expression in the page.
func (c *chromium) eval(expression string) any {
	c.t.Helper()
	result := c.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true})
	value, _ := result["result"].(map[string]any)
	return value["value"]
}

// await evaluates an expression until it has the wanted value.
func (c *chromium) await(want any, expression string) {
	c.t.Helper()
	deadline := time.Now().Add(patience)
	var got any
	for time.Now().Before(deadline) {
		if got = c.eval(expression); fmt.Sprint(got) == fmt.Sprint(want) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	c.t.Fatalf("%s is %v, want %v; console: %q", expression, got, want, c.console)
}

// press types one key.
func (c *chromium) press(key string, code int, text string) {
	c.t.Helper()
	down := map[string]any{"type": "keyDown", "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text}
	if text == "" {
		delete(down, "text")
		down["type"] = "rawKeyDown"
	}
	c.call("Input.dispatchKeyEvent", down)
	c.call("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key, "code": key, "windowsVirtualKeyCode": code})
}

func (c *chromium) tab()   { c.press("Tab", 9, "") }
func (c *chromium) down()  { c.press("ArrowDown", 40, "") }
func (c *chromium) enter() { c.press("Enter", 13, "\r") }

// resize sets the size of the window in CSS pixels.
func (c *chromium) resize(width, height int) {
	c.t.Helper()
	c.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false})
}

func (c *chromium) prefer(scheme string) {
	c.t.Helper()
	c.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]any{{"name": "prefers-color-scheme", "value": scheme}}})
}
