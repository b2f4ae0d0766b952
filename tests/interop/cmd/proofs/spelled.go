package main

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// The same bytes in another spelling, which Go's base64 takes: the last character of
// a hash or signature has bits that say nothing, and ours wants them to be zero.
func sameButSpelled(good, text []byte) bool {
	return bytes.Equal(respell(good), respell(text))
}

func respell(text []byte) []byte {
	var out []string
	for line := range strings.SplitSeq(string(text), "\n") {
		words := strings.Split(line, " ")
		for i, w := range words {
			if raw, err := base64.StdEncoding.DecodeString(w); err == nil && len(raw) >= 32 {
				words[i] = base64.StdEncoding.EncodeToString(raw)
			}
		}
		out = append(out, strings.Join(words, " "))
	}
	return []byte(strings.Join(out, "\n"))
}

// Is this byte in the line of extra data?  Nobody signs it: to strangers it is opaque,
// ours carries the entry there, which counts only as far as it is in the tree.
func inExtra(text []byte, at int) bool {
	first := bytes.IndexByte(text, '\n') + 1
	end := first + bytes.IndexByte(text[first:], '\n')
	return bytes.HasPrefix(text[first:], []byte("extra ")) && at >= first+len("extra ") && at < end
}
