module example.com/app

go 1.25.0

require github.com/gofiber/fiber/v2 v2.10.0

require (
	github.com/andybalholm/brotli v1.0.1 // indirect
	github.com/klauspost/compress v1.11.13 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
	github.com/valyala/fasthttp v1.23.0 // indirect
	github.com/valyala/tcplisten v0.0.0-20161114210144-ceec8f93295a // indirect
	golang.org/x/sys v0.0.0-20210225134936-a50acf3fe073 // indirect
)
