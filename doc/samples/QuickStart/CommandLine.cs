using System.CommandLine;

namespace QuickStart;

internal static class CommandLine
{
    /// <summary>Splits the arguments at <c>--</c>, or at the first word that is neither an option nor the value of one.</summary>
    public static (string[] Options, string[] Command) Split(string[] arguments, RootCommand root)
    {
        var index = 0;
        while (index < arguments.Length && arguments[index].StartsWith('-') && arguments[index] != "--")
        {
            var takesValue = root.Options.Any(option => option.Name == arguments[index] && option.Arity.MinimumNumberOfValues > 0);
            index += takesValue ? 2 : 1;
        }

        index = Math.Min(index, arguments.Length);
        var command = arguments[index..];
        return (arguments[..index], command is ["--", .. var words] ? words : command);
    }
}
