using BuildRunner.AotApp;

// Published ahead of time and trimmed: proves that the packages need neither reflection nor generated code at run time.
var checks = new Checks();
try
{
    await RegistrationChecks.RunAsync(checks);
    await NoopChecks.RunAsync(checks);
    WireChecks.Run(checks);
    await WaitingChecks.RunAsync(checks);
    await TestingChecks.RunAsync(checks);
}
catch (CheckFailedException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}

Console.WriteLine($"{checks.Passed} checks passed");
return 0;
