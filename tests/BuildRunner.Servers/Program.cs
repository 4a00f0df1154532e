using BuildRunner.Servers;

// Starts a server, says its process number, where its data are and how to connect, and ends it at the end of the input.
if (args is not ["postgresql" or "mariadb"])
{
    await Console.Error.WriteLineAsync("Name a server: postgresql or mariadb.");
    return 2;
}

await using DatabaseServer server = args[0] == "postgresql" ? await PostgreSqlServer.StartAsync() : await MariaDbServer.StartAsync();
Console.WriteLine(server.ProcessId);
Console.WriteLine(server.DataDirectory);
Console.WriteLine(await server.CreateDatabaseAsync());
await Console.In.ReadToEndAsync();
return 0;
