using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace BuildRunner.Tests.Architecture;

internal sealed partial class SourceFile
{
    private static readonly string[] MachineMembers =
    [
        "Environment.TickCount", "Environment.TickCount64", "DateTime.Now", "DateTime.UtcNow", "DateTime.Today", "DateTimeOffset.Now", "DateTimeOffset.UtcNow",
        "Thread.Sleep", "TimeProvider.System",
    ];

    /// <summary>What goes by the clock of the machine. A container's clock with that of the machine for its default is none, nor is that
    /// default itself.</summary>
    public IEnumerable<string> MachineClocks() =>
        from node in CSharpSyntaxTree.ParseText(text).GetRoot().DescendantNodes()
        where node switch
        {
            IdentifierNameSyntax { Identifier.Text: "Stopwatch" } => true,
            MemberAccessExpressionSyntax member => MachineMembers.Contains(member.ToString()) && !IsDefaultOfContainer(member),
            InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax called } call => called.Name.Identifier.Text switch
            {
                "Delay" => called.Expression.ToString() == "Task" && !HasClock(call.ArgumentList),
                "CancelAfter" => true,
                _ => false,
            },
            BaseObjectCreationExpressionSyntax created => TypeOf(created) is "CancellationTokenSource" or "PeriodicTimer" or "Timer"
                && created.ArgumentList is { Arguments.Count: > 0 } arguments && !HasClock(arguments),
            _ => false,
        }
        select node.ToString();

    private static bool IsDefaultOfContainer(MemberAccessExpressionSyntax member) => member.Parent switch
    {
        BinaryExpressionSyntax { RawKind: (int)SyntaxKind.CoalesceExpression } either => either.Left.ToString().Contains("GetService", StringComparison.Ordinal),
        ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax call } => call.Expression.ToString().EndsWith("TryAddSingleton", StringComparison.Ordinal),
        _ => false,
    };

    private static bool HasClock(BaseArgumentListSyntax arguments) =>
        arguments.Arguments.Skip(1).Any(static argument => argument.ToString() is var name
            && (name.EndsWith("time", StringComparison.OrdinalIgnoreCase) || name.EndsWith("clock", StringComparison.OrdinalIgnoreCase)
                || name.Contains("TimeProvider", StringComparison.OrdinalIgnoreCase) || name.StartsWith("TimeOf(", StringComparison.Ordinal)));

    private static string TypeOf(BaseObjectCreationExpressionSyntax created) => created switch
    {
        ObjectCreationExpressionSyntax named => named.Type.ToString(),
        { Parent: EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax declaration } } } => declaration.Type.ToString(),
        _ => "",
    };
}
