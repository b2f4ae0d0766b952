// Command dsse judges envelopes with securesystemslib, which shares no code with
// Saksi.
//
//	go run . --key HEXPUB [--key HEXPUB ..] [--entry] FILE
//	go run . --vectors DIR
//
// The first form verifies that every key given signed the envelope in FILE (with
// --entry: the log entry in FILE, whose envelope stands before its attachments),
// that the payload is an in-toto Statement v1, and that every damaged copy is
// refused. It exits 0 when all that holds, else 1 with one line that says why.
//
// The second form writes the vectors that tests/unit/statement reads.
package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
)

const payloadType = "application/vnd.in-toto+json"

type key struct {
	pub  ed25519.PublicKey
	priv ed25519.PrivateKey
}

func (k key) Verify(_ context.Context, data, sig []byte) error {
	if !ed25519.Verify(k.pub, data, sig) {
		return errors.New("false signature")
	}
	return nil
}

func (k key) Sign(_ context.Context, data []byte) ([]byte, error) {
	return ed25519.Sign(k.priv, data), nil
}

func (k key) KeyID() (string, error) {
	sum := sha256.Sum256(k.pub)
	return hex.EncodeToString(sum[:]), nil
}

func (k key) Public() crypto.PublicKey { return k.pub }

type statement struct {
	Type    string `json:"_type"`
	Subject []struct {
		Name   string            `json:"name"`
		Digest map[string]string `json:"digest"`
	} `json:"subject"`
	PredicateType string          `json:"predicateType"`
	Predicate     json.RawMessage `json:"predicate"`
}

func checkStatement(payload []byte) error {
	var s statement
	d := json.NewDecoder(bytes.NewReader(payload))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return fmt.Errorf("payload: %w", err)
	}
	if d.More() {
		return errors.New("payload: something follows the statement")
	}
	if s.Type != "https://in-toto.io/Statement/v1" || s.PredicateType == "" {
		return errors.New("payload is no in-toto Statement v1")
	}
	if len(s.Subject) != 1 || s.Subject[0].Name == "" {
		return errors.New("payload does not name one subject")
	}
	if sum, err := hex.DecodeString(s.Subject[0].Digest["sha256"]); err != nil || len(sum) != 32 {
		return errors.New("subject has no sha256")
	}
	var predicate map[string]any
	return json.Unmarshal(s.Predicate, &predicate)
}

func verify(text []byte, keys []dsse.Verifier) ([]byte, error) {
	var e dsse.Envelope
	if err := json.Unmarshal(text, &e); err != nil {
		return nil, err
	}
	if e.PayloadType != payloadType {
		return nil, fmt.Errorf("payloadType %q", e.PayloadType)
	}
	v, err := dsse.NewMultiEnvelopeVerifier(len(keys), keys...)
	if err != nil {
		return nil, err
	}
	if _, err := v.Verify(context.Background(), &e); err != nil {
		return nil, err
	}
	return e.DecodeB64Payload()
}

// A judge that passes damaged copies judges nothing.
func refusesDamage(text []byte, keys []dsse.Verifier) error {
	var e dsse.Envelope
	if err := json.Unmarshal(text, &e); err != nil {
		return err
	}
	payload, err := e.DecodeB64Payload()
	if err != nil {
		return err
	}
	for i := range payload {
		bad := bytes.Clone(payload)
		bad[i] ^= 1
		e.Payload = base64.StdEncoding.EncodeToString(bad)
		damaged, err := json.Marshal(e)
		if err != nil {
			return err
		}
		if _, err := verify(damaged, keys); err == nil {
			return fmt.Errorf("byte %d of the payload can be changed", i)
		}
	}
	return nil
}

func envelopeOf(entry []byte) ([]byte, error) {
	if len(entry) == 0 {
		return nil, errors.New("empty entry")
	}
	tail := 36*int(entry[len(entry)-1]) + 1
	if len(entry) < tail {
		return nil, errors.New("entry too short for its attachments")
	}
	return entry[:len(entry)-tail], nil
}

func judge(path string, isEntry bool, keys []dsse.Verifier) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if isEntry {
		if text, err = envelopeOf(text); err != nil {
			return err
		}
	}
	payload, err := verify(text, keys)
	if err != nil {
		return err
	}
	if err := checkStatement(payload); err != nil {
		return err
	}
	return refusesDamage(text, keys)
}

// ---- vectors

func seeded(b byte) key {
	priv := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{b}, ed25519.SeedSize))
	return key{priv.Public().(ed25519.PublicKey), priv}
}

// ours is the one byte form that Saksi reads: members in the order of the DSSE
// specification, no spaces, standard base64.
func ours(e *dsse.Envelope) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"payload":"%s","payloadType":"%s","signatures":[`, e.Payload, e.PayloadType)
	for i, s := range e.Signatures {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"keyid":"%s","sig":"%s"}`, s.KeyID, s.Sig)
	}
	b.WriteString("]}")
	return b.Bytes()
}

func writeVectors(dir string) error {
	payloads := map[string]string{
		"statement-go-one.dsse": `{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"plan",` +
			`"digest":{"sha256":"4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a"}}],` +
			`"predicateType":"urn:saksi:abandoned:1","predicate":{"version":1,"author":"auditor-1",` +
			`"sequence":0,"previous":"","time":"2026-11-22T16:39:05Z","addenda":[],"body":{"plan":` +
			`"4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a","reason":"the server was retired"}}}`,
		"statement-go-two.dsse":   "hello world",
		"statement-go-empty.dsse": "",
	}
	signers := map[string][]byte{
		"statement-go-one.dsse":   {1},
		"statement-go-two.dsse":   {1, 2},
		"statement-go-empty.dsse": {3},
	}
	for name, payload := range payloads {
		var keys []dsse.Signer
		for _, seed := range signers[name] {
			keys = append(keys, seeded(seed))
		}
		s, err := dsse.NewEnvelopeSigner(keys...)
		if err != nil {
			return err
		}
		e, err := s.SignPayload(context.Background(), payloadType, []byte(payload))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), ours(e), 0o644); err != nil {
			return err
		}
		pae := dsse.PAE(payloadType, []byte(payload))
		if err := os.WriteFile(filepath.Join(dir, name+".pae"), pae, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func run() error {
	var keys []dsse.Verifier
	vectors := flag.String("vectors", "", "write vectors into this folder")
	isEntry := flag.Bool("entry", false, "FILE is a log entry")
	flag.Func("key", "public key, 64 hexadecimal digits", func(s string) error {
		b, err := hex.DecodeString(s)
		if err != nil || len(b) != ed25519.PublicKeySize {
			return errors.New("not 64 hexadecimal digits")
		}
		keys = append(keys, key{pub: b})
		return nil
	})
	flag.Parse()
	if *vectors != "" {
		return writeVectors(*vectors)
	}
	if flag.NArg() != 1 || len(keys) == 0 {
		return errors.New("usage: dsse --key HEXPUB [--key HEXPUB ..] [--entry] FILE")
	}
	return judge(flag.Arg(0), *isEntry, keys)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "dsse:", err)
		os.Exit(1)
	}
}
