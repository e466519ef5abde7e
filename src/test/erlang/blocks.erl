% Evaluated by `erl -noshell -eval`: holds a table and binaries, and tells what BEAM itself says.
Table = ets:new(leak, [public]),
[ets:insert(Table, {N, lists:seq(1, 20)}) || N <- lists:seq(1, 20000)],
put(binaries, [binary:copy(<<0>>, 10000) || _ <- lists:seq(1, 1000)]),
put(large, [binary:copy(<<0>>, 1000000) || _ <- lists:seq(1, 3)]),
Kinds = [temp_alloc, sl_alloc, std_alloc, ll_alloc, eheap_alloc, ets_alloc, fix_alloc,
         literal_alloc, binary_alloc, driver_alloc],
Tell = fun() ->
  Sizes = [{Kind, element(2, Size)} ||
    Allocator <- Kinds,
    {instance, _, Carriers} <- erlang:system_info({allocator_sizes, Allocator}),
    {_, Sums} <- Carriers, {blocks, Blocks} <- Sums,
    {Kind, Figures} <- Blocks, Size <- Figures, element(1, Size) =:= size],
  [io:format("~s ~b~n", [Kind, lists:sum([Size || {K, Size} <- Sizes, K =:= Kind])])
    || Kind <- Kinds],
  io:format("end~n")
end,
Thin = fun(List) -> [Value || {N, Value} <- lists:zip(lists:seq(1, length(List)), List),
                              N rem 10 =:= 0] end,
Loop = fun(Next) ->
  case io:get_line("") of
    "tell\n" -> Tell(), Next(Next);
    "drop\n" ->
      put(binaries, Thin(get(binaries))), erase(large), erlang:garbage_collect(),
      io:format("dropped~n"), Next(Next);
    _ -> halt()
  end
end,
erlang:garbage_collect(),
io:format("ready~n"),
Loop(Loop).
