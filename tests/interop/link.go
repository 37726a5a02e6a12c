// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"time"

	"github.com/teslamotors/vehicle-command/pkg/connector"
)

// readFrame returns one message without its length: vehicle-protocol 1.3.
func readFrame(r io.Reader) ([]byte, error) {
	head := make([]byte, 2)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	frame := make([]byte, binary.BigEndian.Uint16(head))
	_, err := io.ReadFull(r, frame)
	return frame, err
}

func writeFrame(w io.Writer, frame []byte) error {
	head := binary.BigEndian.AppendUint16(nil, uint16(len(frame)))
	_, err := w.Write(append(head, frame...))
	return err
}

// link is a connector of the client's library over a unix stream socket.
type link struct {
	conn  net.Conn
	vin   string
	inbox chan []byte
	write sync.Mutex
	once  sync.Once
}

func dial(path, vin string) (*link, error) {
	conn, err := net.Dial("unix", path)
	if err != nil {
		return nil, err
	}
	l := &link{conn: conn, vin: vin, inbox: make(chan []byte, connector.BufferSize)}
	go func() {
		defer close(l.inbox)
		r := bufio.NewReader(conn)
		for {
			frame, err := readFrame(r)
			if err != nil {
				return
			}
			l.inbox <- frame
		}
	}()
	return l, nil
}

func (l *link) Receive() <-chan []byte { return l.inbox }

func (l *link) Send(_ context.Context, frame []byte) error {
	l.write.Lock()
	defer l.write.Unlock()
	return writeFrame(l.conn, frame)
}

func (l *link) VIN() string { return l.vin }

func (l *link) Close() { l.once.Do(func() { l.conn.Close() }) }

func (l *link) PreferredAuthMethod() connector.AuthMethod { return connector.AuthMethodGCM }

func (l *link) RetryInterval() time.Duration { return time.Second }

func (l *link) AllowedLatency() time.Duration { return 4 * time.Second }
