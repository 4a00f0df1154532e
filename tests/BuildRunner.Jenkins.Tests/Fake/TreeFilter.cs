using System.Globalization;
using System.Text.Json.Nodes;

namespace BuildRunner.Jenkins.Tests.Fake;

/// <summary>The parameter <c>tree</c> of the API: which members are shown, and of which list which part.</summary>
internal static class TreeFilter
{
    public static JsonNode Apply(JsonNode value, string tree)
    {
        var at = 0;
        return Show(value, Parse(tree, ref at));
    }

    private static JsonNode Show(JsonNode value, IReadOnlyList<Member> members)
    {
        if (value is not JsonObject all)
        {
            return value.DeepClone();
        }

        JsonObject shown = [];
        if (all["_class"] is { } type)
        {
            shown["_class"] = type.DeepClone();
        }

        foreach (var member in members.Where(member => all.ContainsKey(member.Name)))
        {
            shown[member.Name] = all[member.Name] switch
            {
                null => null,
                JsonArray list => new JsonArray([.. list.Take(member.To).Skip(member.From).Select(item =>
                    item is null ? null : Show(item, member.Members))]),
                var inner => Show(inner, member.Members),
            };
        }

        return shown;
    }

    private static List<Member> Parse(string tree, ref int at)
    {
        List<Member> members = [];
        while (at < tree.Length && tree[at] != ']')
        {
            var start = at;
            while (at < tree.Length && (char.IsLetterOrDigit(tree[at]) || tree[at] == '_'))
            {
                at++;
            }

            Member member = new(tree[start..at], [], 0, int.MaxValue);
            if (at < tree.Length && tree[at] == '[')
            {
                at++;
                member = member with { Members = Parse(tree, ref at) };
                at++;
            }

            if (at < tree.Length && tree[at] == '{')
            {
                var end = tree.IndexOf('}', at);
                var range = tree[(at + 1)..end].Split(',');
                at = end + 1;
                static int Number(string text, int other) => text.Length == 0 ? other : int.Parse(text, CultureInfo.InvariantCulture);
                var first = Number(range[0], 0);
                member = member with { From = first, To = range.Length > 1 ? Number(range[1], int.MaxValue) : first + 1 };
            }

            members.Add(member);
            if (at < tree.Length && tree[at] == ',')
            {
                at++;
            }
            else if (at < tree.Length && tree[at] != ']')
            {
                throw new FormatException($"The tree {tree} is wrong at {at}.");
            }
        }

        return members;
    }

    private sealed record Member(string Name, IReadOnlyList<Member> Members, int From, int To);
}
