// A Tessera POSIX log behind HTTP, as its own cmd/conformance/posix serves one, with
// the settings that matter to its speed as flags: the peer of bench/adds.sh.
//
// POST /add answers the decimal index once Tessera says that it is durable; GET
// serves the log's folder.  Prints the verifier key and "listening on URL".
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

var (
	dir      = flag.String("dir", "", "folder of the log")
	listen   = flag.String("listen", "127.0.0.1:0", "address and port")
	batch    = flag.Uint("batch", 256, "entries in one batch, at most")
	age      = flag.Duration("age", 250*time.Millisecond, "how long a batch may wait")
	interval = flag.Duration("interval", time.Second, "between checkpoints")
	pushback = flag.Uint("pushback", 65536, "entries that may wait")
	dedup    = flag.Bool("dedup", false, "remember identical entries in memory")
)

func handle(appender *tessera.Appender) {
	http.HandleFunc("POST /add", func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(io.LimitReader(r.Body, 65536))
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		idx, err := appender.Add(r.Context(), tessera.NewEntry(b))()
		if errors.Is(err, tessera.ErrPushback) {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = w.Write(strconv.AppendUint(nil, idx.Index, 10))
	})
	http.Handle("GET /", http.FileServer(http.Dir(*dir)))
}

func main() {
	flag.Parse()
	ctx := context.Background()
	skey, vkey, err := note.GenerateKey(rand.Reader, "bench.example/log")
	if err != nil {
		log.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		log.Fatal(err)
	}
	driver, err := posix.New(ctx, posix.Config{Path: *dir})
	if err != nil {
		log.Fatal(err)
	}
	opts := tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithCheckpointInterval(*interval).
		WithBatching(*batch, *age).
		WithPushback(*pushback)
	if *dedup {
		opts = opts.WithAntispam(tessera.DefaultAntispamInMemorySize, nil)
	}
	appender, shutdown, _, err := tessera.NewAppender(ctx, driver, opts)
	if err != nil {
		log.Fatal(err)
	}
	handle(appender)
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("vkey %s\nlistening on http://%s\n", vkey, l.Addr())
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		log.Fatal(http.Serve(l, nil))
	}()
	<-end
	ctx, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	_ = shutdown(ctx)
}
