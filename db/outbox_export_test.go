package db

// InsertMessages is insertMessages for tests outside the package.
var InsertMessages = insertMessages
