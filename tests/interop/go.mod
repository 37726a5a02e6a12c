module onesat2flash/interop

go 1.23.0

require (
	github.com/teslamotors/vehicle-command v0.4.1
	google.golang.org/protobuf v1.34.2
)

require (
	github.com/cronokirby/saferith v0.33.0 // indirect
	github.com/golang-jwt/jwt/v5 v5.2.2 // indirect
)
