using BuildRunner.Peers;

if (args is ["measure", var name, .. var numbers] && Load.Parse(numbers) is { } load && Libraries.Create(name, load) is { } peer)
{
    Console.WriteLine(await new Measuring(peer, load).RunAsync());
    return 0;
}

return await Comparison.RunAsync(args);
