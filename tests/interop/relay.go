// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"sync"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/teslamotors/vehicle-command/pkg/protocol/protobuf/carserver"
	"github.com/teslamotors/vehicle-command/pkg/protocol/protobuf/signatures"
	universal "github.com/teslamotors/vehicle-command/pkg/protocol/protobuf/universalmessage"
	"github.com/teslamotors/vehicle-command/pkg/protocol/protobuf/vcsec"
)

// spy knows the client's key, and learns the car's from its session info.
type spy struct {
	vin     string
	private *ecdh.PrivateKey
	lock    sync.Mutex
	keys    map[universal.Domain][]byte
	trace   *os.File
}

// record is one message of the client, or a label: what the messages after it
// are sent for.
type record struct {
	Label string `json:"label,omitempty"`
	// Envelope is the message with what is fresh each time told by length.
	Envelope json.RawMessage `json:"envelope,omitempty"`
	// Payload is what was sealed, or went in the clear.
	Payload json.RawMessage `json:"payload,omitempty"`
}

func write(file *os.File, r record) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = file.Write(append(line, '\n'))
	return err
}

// openTrace opens a file that others write to as well, line by line.
func openTrace(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
}

func loadKey(path string) (*ecdh.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New(path + " is no PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	if key, ok := key.(interface {
		ECDH() (*ecdh.PrivateKey, error)
	}); ok {
		return key.ECDH()
	}
	return nil, errors.New(path + " holds no key on a curve")
}

// fromCar learns the session key: vehicle-protocol 3.1.
func (s *spy) fromCar(frame []byte) {
	var message universal.RoutableMessage
	var info signatures.SessionInfo
	if proto.Unmarshal(frame, &message) != nil || len(message.GetSessionInfo()) == 0 ||
		proto.Unmarshal(message.GetSessionInfo(), &info) != nil {
		return
	}
	public, err := ecdh.P256().NewPublicKey(info.GetPublicKey())
	if err != nil {
		return
	}
	shared, err := s.private.ECDH(public)
	if err != nil {
		return
	}
	hash := sha1.Sum(shared)
	s.lock.Lock()
	defer s.lock.Unlock()
	s.keys[message.GetFromDestination().GetDomain()] = hash[:16]
}

// metadata is the associated data: vehicle-protocol 3.2 and 3.4.
func (s *spy) metadata(message *universal.RoutableMessage) []byte {
	gcm := message.GetSignatureData().GetAES_GCM_PersonalizedData()
	var text []byte
	add := func(tag signatures.Tag, value []byte) {
		text = append(append(text, byte(tag), byte(len(value))), value...)
	}
	add(signatures.Tag_TAG_SIGNATURE_TYPE, []byte{byte(signatures.SignatureType_SIGNATURE_TYPE_AES_GCM_PERSONALIZED)})
	add(signatures.Tag_TAG_DOMAIN, []byte{byte(message.GetToDestination().GetDomain())})
	add(signatures.Tag_TAG_PERSONALIZATION, []byte(s.vin))
	add(signatures.Tag_TAG_EPOCH, gcm.GetEpoch())
	add(signatures.Tag_TAG_EXPIRES_AT, binary.BigEndian.AppendUint32(nil, gcm.GetExpiresAt()))
	add(signatures.Tag_TAG_COUNTER, binary.BigEndian.AppendUint32(nil, gcm.GetCounter()))
	if message.GetFlags() != 0 {
		add(signatures.Tag_TAG_FLAGS, binary.BigEndian.AppendUint32(nil, message.GetFlags()))
	}
	text = append(text, byte(signatures.Tag_TAG_END))
	hash := sha256.Sum256(text)
	return hash[:]
}

func (s *spy) open(message *universal.RoutableMessage) ([]byte, error) {
	sealed := message.GetProtobufMessageAsBytes()
	gcm := message.GetSignatureData().GetAES_GCM_PersonalizedData()
	if gcm == nil {
		return sealed, nil
	}
	s.lock.Lock()
	key := s.keys[message.GetToDestination().GetDomain()]
	s.lock.Unlock()
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	sealed = append(append([]byte{}, sealed...), gcm.GetTag()...)
	return aead.Open(nil, gcm.GetNonce(), sealed, s.metadata(message))
}

// blank leaves of what is fresh only how long it is.
func blank(message *universal.RoutableMessage) {
	length := func(b []byte) []byte { return []byte(fmt.Sprint(len(b))) }
	if from, ok := message.GetFromDestination().GetSubDestination().(*universal.Destination_RoutingAddress); ok {
		from.RoutingAddress = length(from.RoutingAddress)
	}
	message.Uuid = length(message.Uuid)
	if payload, ok := message.Payload.(*universal.RoutableMessage_ProtobufMessageAsBytes); ok {
		payload.ProtobufMessageAsBytes = length(payload.ProtobufMessageAsBytes)
	}
	if request := message.GetSessionInfoRequest(); request != nil {
		request.PublicKey = length(request.PublicKey)
		request.Challenge = length(request.Challenge)
	}
	if signer, ok := message.GetSignatureData().GetSignerIdentity().GetIdentityType().(*signatures.KeyIdentity_PublicKey); ok {
		signer.PublicKey = length(signer.PublicKey)
	}
	if gcm := message.GetSignatureData().GetAES_GCM_PersonalizedData(); gcm != nil {
		gcm.Epoch = length(gcm.Epoch)
		gcm.Nonce = length(gcm.Nonce)
		gcm.Tag = length(gcm.Tag)
		gcm.Counter = min(gcm.Counter, 1)
		gcm.ExpiresAt = min(gcm.ExpiresAt, 1)
	}
}

func (s *spy) fromClient(frame []byte) error {
	var message universal.RoutableMessage
	if err := proto.Unmarshal(frame, &message); err != nil {
		return err
	}
	plain, err := s.open(&message)
	if err != nil {
		return err
	}
	var payload proto.Message = &carserver.Action{}
	if message.GetToDestination().GetDomain() == universal.Domain_DOMAIN_VEHICLE_SECURITY {
		payload = &vcsec.UnsignedMessage{}
	}
	if err := proto.Unmarshal(plain, payload); err != nil {
		return err
	}
	blank(&message)
	if hasUnknown(message.ProtoReflect()) {
		return fmt.Errorf("unknown fields in %x", frame)
	}
	var r record
	if r.Envelope, err = protojson.Marshal(&message); err != nil {
		return err
	}
	if hasUnknown(payload.ProtoReflect()) {
		// Nothing of it may be lost: as it is, then.
		r.Payload, err = json.Marshal(map[string]string{"unknown": hex.EncodeToString(plain)})
	} else {
		r.Payload, err = protojson.Marshal(payload)
	}
	if err != nil {
		return err
	}
	return write(s.trace, r)
}

// hasUnknown tells of fields, at any depth, that the library would drop in
// silence when it prints the message.
func hasUnknown(message protoreflect.Message) bool {
	found := len(message.GetUnknown()) > 0
	message.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.Message() == nil || field.IsMap():
		case field.IsList():
			for i := range value.List().Len() {
				found = hasUnknown(value.List().Get(i).Message()) || found
			}
		default:
			found = hasUnknown(value.Message()) || found
		}
		return !found
	})
	return found
}

func pump(from, to net.Conn, see func([]byte)) {
	defer from.Close()
	defer to.Close()
	r := bufio.NewReader(from)
	for {
		frame, err := readFrame(r)
		if err != nil {
			return
		}
		see(frame)
		if writeFrame(to, frame) != nil {
			return
		}
	}
}

func relay(args []string) error {
	flags := flag.NewFlagSet("relay", flag.ExitOnError)
	listen := flags.String("listen", "", "where the client finds the car")
	socket := flags.String("socket", "", "the car")
	vin := flags.String("vin", "", "its VIN")
	key := flags.String("key", "", "the client's private key, PEM")
	trace := flags.String("trace", "", "file for what the client sends")
	_ = flags.Parse(args)

	private, err := loadKey(*key)
	if err != nil {
		return err
	}
	file, err := openTrace(*trace)
	if err != nil {
		return err
	}
	server, err := net.Listen("unix", *listen)
	if err != nil {
		return err
	}
	s := &spy{vin: *vin, private: private, keys: map[universal.Domain][]byte{}, trace: file}
	for {
		near, err := server.Accept()
		if err != nil {
			return err
		}
		far, err := net.Dial("unix", *socket)
		if err != nil {
			return err
		}
		go pump(far, near, s.fromCar)
		go pump(near, far, func(frame []byte) {
			if err := s.fromClient(frame); err != nil {
				fmt.Fprintln(os.Stderr, "interop: not understood:", err)
			}
		})
	}
}
