using BuildRunner;
using Microsoft.Extensions.DependencyInjection;

await using var provider = new ServiceCollection().AddNoopBuildRunner().BuildServiceProvider();
var runner = provider.GetRequiredService<IBuildRunner>();

var buildId = await runner.TriggerAsync([], [new Change("github://github.com/org/repo/pull/12/0a1b2c")]);
var snapshot = await runner.WaitForCompletionAsync(buildId);

Console.WriteLine($"{buildId} {snapshot.Status}");
