// What a test, or a program of the documentation that it runs, writes to the console goes to the output of that test.
[assembly: CaptureConsole]
