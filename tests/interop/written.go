// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/hex"
	"errors"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/teslamotors/vehicle-command/pkg/connector"
	"github.com/teslamotors/vehicle-command/pkg/protocol"
	"github.com/teslamotors/vehicle-command/pkg/protocol/protobuf/carserver"
	universal "github.com/teslamotors/vehicle-command/pkg/protocol/protobuf/universalmessage"
	"github.com/teslamotors/vehicle-command/pkg/protocol/protobuf/vcsec"
)

// send has their client seal a payload; a refusal by the car is an error as
// its own calls have it.
func send(v *car, ctx context.Context, domain universal.Domain, payload []byte) error {
	answer, err := v.Send(ctx, domain, payload, connector.AuthMethodGCM)
	if err != nil {
		return err
	}
	refusal := ""
	if domain == universal.Domain_DOMAIN_VEHICLE_SECURITY {
		var message vcsec.FromVCSECMessage
		if err = proto.Unmarshal(answer, &message); err != nil {
			return err
		}
		if message.GetNominalError() != nil {
			refusal = message.GetNominalError().String()
		}
	} else {
		var response carserver.Response
		if err = proto.Unmarshal(answer, &response); err != nil {
			return err
		}
		if response.GetActionStatus().GetResult() == carserver.OperationStatus_E_OPERATIONSTATUS_ERROR {
			refusal = "refused: " + response.GetActionStatus().GetResultReason().GetPlainText()
		}
	}
	if refusal != "" {
		return &protocol.NominalError{Details: errors.New(refusal)}
	}
	return nil
}

// action is a carserver.VehicleAction, unsigned a vcsec.UnsignedMessage: JSON
// by the names of their descriptors.
func action(text string) act {
	return func(v *car, ctx context.Context) error {
		inner := &carserver.VehicleAction{}
		if err := protojson.Unmarshal([]byte(text), inner); err != nil {
			return err
		}
		payload, err := proto.Marshal(&carserver.Action{
			ActionMsg: &carserver.Action_VehicleAction{VehicleAction: inner},
		})
		if err != nil {
			return err
		}
		return send(v, ctx, universal.Domain_DOMAIN_INFOTAINMENT, payload)
	}
}

func unsigned(text string) act {
	return func(v *car, ctx context.Context) error {
		message := &vcsec.UnsignedMessage{}
		if err := protojson.Unmarshal([]byte(text), message); err != nil {
			return err
		}
		payload, err := proto.Marshal(message)
		if err != nil {
			return err
		}
		return send(v, ctx, universal.Domain_DOMAIN_VEHICLE_SECURITY, payload)
	}
}

// raw is a payload of infotainment as vehicle-protocol 7 and B have it.
func raw(text string) act {
	return func(v *car, ctx context.Context) error {
		payload, err := hex.DecodeString(text)
		if err != nil {
			return err
		}
		return send(v, ctx, universal.Domain_DOMAIN_INFOTAINMENT, payload)
	}
}
