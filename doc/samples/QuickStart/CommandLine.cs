namespace QuickStart;

internal static class CommandLine
{
    /// <summary>Splits the arguments at <c>--</c>. Without it, all are the command where the first is no option, because <c>dotnet run -- make test</c> passes no <c>--</c> on.</summary>
    public static (string[] Options, string[] Command) Split(string[] arguments)
    {
        if (arguments is [var first, ..] && !first.StartsWith('-'))
        {
            return ([], arguments);
        }

        var separator = Array.IndexOf(arguments, "--");
        return separator < 0 ? (arguments, []) : (arguments[..separator], arguments[(separator + 1)..]);
    }
}
