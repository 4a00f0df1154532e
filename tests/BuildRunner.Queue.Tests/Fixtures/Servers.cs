using BuildRunner.Servers;

// One server of each kind for the whole run, started by the first test that needs it.
[assembly: AssemblyFixture(typeof(TestServers))]
