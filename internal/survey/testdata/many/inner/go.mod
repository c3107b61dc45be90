module example.com/many/inner

go 1.25.0
